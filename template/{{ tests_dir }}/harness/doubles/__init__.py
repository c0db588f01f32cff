"""Doubles of what the application reaches for: modules with a fixture, loaded when asked for."""
