"""A small shop, and tests of what its factories do, that are run in rendered projects."""
