"""The version of the engine, and of the files that were rendered with it."""

__version__ = "0.2.0"
