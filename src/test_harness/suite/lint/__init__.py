"""Weak tests, found by what they say: each finding has a code, a place and what to do about it."""
