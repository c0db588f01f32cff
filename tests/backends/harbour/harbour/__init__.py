"""The API of a marina."""
