"""What `make` runs to show, check and picture the template."""
