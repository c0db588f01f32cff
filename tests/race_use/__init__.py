"""A shop that does each thing twice, right and wrong, and a suite of races against it."""
