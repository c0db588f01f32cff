"""The command line; the hook runs it before the engine is installed, so it imports nothing."""
