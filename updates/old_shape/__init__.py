"""Brings a project over whose harness was a folder of its own code, before there was an engine."""
