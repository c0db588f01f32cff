"""An application of mapped classes alone."""
