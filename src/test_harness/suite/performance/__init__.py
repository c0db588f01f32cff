"""What the tests cost, shown: a page with plots, and lines for a terminal."""
