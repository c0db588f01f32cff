"""Which tests there are, of what, and how far they are: built, planned, passing, failing."""
