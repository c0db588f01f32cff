"""What tests are given when they are collected: markers by their folder, skips, known failures."""

from __future__ import annotations

import pytest

from test_harness.application.candidates import hint_for
from test_harness.known import BY, FILE, REASON, Entry, KnownFailuresError, read_known
from test_harness.project import suite_dir
from test_harness.reports import known_failure, name_of
from test_harness.settings import settings

# Tests in folders of these names get the marker of that name.
MARKED_FOLDERS = {"unit", "integration", "api"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known = _known_failures()
    for item in items:
        if entry := known.get(name_of(item)):
            _check_accepted(item, entry)
            item.stash[known_failure] = entry
        if item.path.is_relative_to(suite_dir()):
            for folder in MARKED_FOLDERS.intersection(
                item.path.relative_to(suite_dir()).parts[:-1]
            ):
                item.add_marker(folder)
        lacking = [asked.args for asked in item.iter_markers("needs") if not _has(*asked.args)]
        if lacking:
            # The last is that of the whole module, without which the others say nothing.
            place, what = lacking[-1]
            hint = "".join(f"; {it}" for it in [hint_for(place)] if it)
            reason = f"the application has no {what} (answer {place} of harness.toml{hint})"
            item.add_marker(pytest.mark.skip(reason=reason))
        if item.get_closest_marker("real_commits") and isinstance(item, pytest.Function):
            # After what all tests share, before anything that is made for this test.
            shared = [name for name in item.fixturenames if _is_shared(item, name)]
            item.fixturenames[:] = [
                *shared,
                "own_database",
                *(name for name in item.fixturenames if name not in shared),
            ]


def _known_failures() -> dict[str, Entry]:
    try:
        return read_known(suite_dir() / FILE)
    except KnownFailuresError as error:
        raise pytest.UsageError(str(error)) from None


def _check_accepted(item: pytest.Item, entry: Entry) -> None:
    """See that a person has accepted what a check of security found; in old files nobody says."""
    if item.get_closest_marker("security") and entry.seen and not entry.accepted_by:
        error = KnownFailuresError(
            f"{entry.where} lets {entry.test} fail, a check of security, and nobody says so.",
            f"Mend the application, or write `{BY}: ...` and `{REASON}: ...` below it.",
        )
        raise pytest.UsageError(str(error))


def _has(place: str, _: str) -> bool:
    section, key = place.split(".")
    return bool(getattr(getattr(settings(), section), key))


def _is_shared(item: pytest.Function, fixture: str) -> bool:
    definitions = item._fixtureinfo.name2fixturedefs.get(fixture) or ()
    return any(definition.scope != "function" for definition in definitions[-1:])
