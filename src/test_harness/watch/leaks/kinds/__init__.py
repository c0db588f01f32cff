"""The kinds of leaks, a module for each, with a class `Watch` in it; found by their names."""
