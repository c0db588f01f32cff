"""The database: drivers, engines, sessions, mapped classes and migrations."""
