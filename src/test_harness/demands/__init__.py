"""What the application asks of its environment, read off how its import or its start fails."""
