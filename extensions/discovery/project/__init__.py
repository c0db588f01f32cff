"""What surrounds the code: packages, settings, tests, CI, and how it is started."""
