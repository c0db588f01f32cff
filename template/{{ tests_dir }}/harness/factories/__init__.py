"""Factories read from the mapped classes: what a row needs, and values that the schema accepts."""
