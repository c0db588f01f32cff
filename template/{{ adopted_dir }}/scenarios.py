# mypy: ignore-errors
"""Scenarios: rows that tests, `make seed` and end-to-end tests share. Yours to edit.

Each public function is one. It makes rows with factories, synchronously whatever the application
is, and returns what tests call by name: `made = scenario("everything")` gives it to a test.
"""

from __future__ import annotations

from typing import Any

from test_harness import factory_for, mapped_classes


def everything() -> dict[str, Any]:
    """Three rows of each model."""
    return {model.__name__: factory_for(model).create_batch(3) for model in mapped_classes()}
