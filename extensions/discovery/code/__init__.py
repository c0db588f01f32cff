"""Python source, read without being run: files, syntax trees, names, values, calls."""
