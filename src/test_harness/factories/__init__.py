"""Rows from mapped classes: what a class asks for, values that fit, the base of factories."""
