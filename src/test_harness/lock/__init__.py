"""What a test may reach: connections past SQLAlchemy, the network, child processes."""
