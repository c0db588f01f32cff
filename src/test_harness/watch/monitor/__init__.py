"""What each test costs: time, memory, statements of SQL and requests, and what it may cost."""
