"""Files of tests, read with the standard library alone: nothing of them is imported or run."""
