"""The application as a server on a test database, for end-to-end tests of a front end."""
