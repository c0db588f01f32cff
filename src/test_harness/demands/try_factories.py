"""Writes factories, as `test-harness factories` does."""

from __future__ import annotations

from test_harness.factories.writer import write_factories


def test_factories(lines: list[str]) -> None:
    write_factories(lines.append)
