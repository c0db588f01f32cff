"""Test databases: where their servers are, what they are called, how one is made."""
