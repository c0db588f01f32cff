"""What tests are given when they are collected: markers by their folder, skips, known failures."""

from __future__ import annotations

import pytest

from test_harness.project import suite_dir
from test_harness.settings import settings

# Tests in folders of these names get the marker of that name.
MARKED_FOLDERS = {"unit", "integration", "api"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    path = suite_dir() / "known_failures.txt"
    known = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for item in items:
        if f"{item.path.stem}::{item.name}" in known:
            item.add_marker(pytest.mark.xfail(reason=path.name, strict=True))
        if item.path.is_relative_to(suite_dir()):
            for folder in MARKED_FOLDERS.intersection(
                item.path.relative_to(suite_dir()).parts[:-1]
            ):
                item.add_marker(folder)
        for asked in item.iter_markers("needs"):
            place, what = asked.args
            section, key = place.split(".")
            if not getattr(getattr(settings(), section), key):
                reason = f"the application has no {what} (answer {place} of harness.toml)"
                item.add_marker(pytest.mark.skip(reason=reason))
        if item.get_closest_marker("real_commits") and isinstance(item, pytest.Function):
            # After what all tests share, before anything that is made for this test.
            shared = [name for name in item.fixturenames if _is_shared(item, name)]
            item.fixturenames[:] = [
                *shared,
                "own_database",
                *(name for name in item.fixturenames if name not in shared),
            ]


def _is_shared(item: pytest.Function, fixture: str) -> bool:
    definitions = item._fixtureinfo.name2fixturedefs.get(fixture) or ()
    return any(definition.scope != "function" for definition in definitions[-1:])
