"""Tests that end now so and now so: found by repeating them, each time with one thing changed."""
