"""What copier.yml cannot say for itself: reading the destination, and choosing files."""
