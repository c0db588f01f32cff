"""What one test process has: its databases with their schema, its seam and its lock."""
