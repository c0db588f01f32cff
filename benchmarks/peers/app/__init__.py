"""The application of every suite here: users, and other tables that nobody writes to."""
