"""Tests of what is read from a backend, laid out like the packages that read it."""
