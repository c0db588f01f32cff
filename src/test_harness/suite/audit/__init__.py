"""What a tree of tests has, where its files would better lie, and how they get there unharmed."""
