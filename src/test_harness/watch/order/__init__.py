"""The order of tests: by chance from the run's seed, and what depends on it."""
