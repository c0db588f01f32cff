"""A small catalogue of items, kept by organisations."""
