"""Named rows that tests and development databases share."""
