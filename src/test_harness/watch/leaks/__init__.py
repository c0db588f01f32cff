"""The leak detective: sees after each test what it left behind, names it, and puts it back."""
