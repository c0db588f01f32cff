"""Suites to measure: the same test, kept apart from its neighbours by other means each time.

Each folder holds what a project of that kind would have; `benchmarks/isolation.py` lays the pieces
out in folders of their own and runs them. Nothing here is imported by the benchmarks.
"""
