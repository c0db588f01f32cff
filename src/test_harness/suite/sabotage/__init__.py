"""Breaks the application in memory, one line at a time, and sees which tests notice."""
