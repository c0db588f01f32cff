"""One mapped class, and its rows by the harness, by hand, and by the libraries that peers use."""
