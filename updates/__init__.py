"""What an update does once, for projects that were rendered in a shape that is no more."""
