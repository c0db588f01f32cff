"""The application under test: its import, environment, life, clients, and checks of answers."""
