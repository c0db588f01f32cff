"""What the oracles look for, as assertions that a test calls for one route and rows of its own.

Each pattern is a function of steps that returns findings, in a module of its own; `asserting` plays
them with the client of the test.
"""
