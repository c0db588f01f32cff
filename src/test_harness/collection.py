"""What tests are given when they are collected: markers by their folder, skips, known failures."""

from __future__ import annotations

from pathlib import Path

import pytest

from test_harness.application.candidates import hint_for
from test_harness.isolation.remembered import FILE as REMEMBERED
from test_harness.isolation.remembered import read_remembered
from test_harness.known import BY, FILE, REASON, Entry, KnownFailuresError, read_known
from test_harness.project import suite_dir
from test_harness.reports import known_failure, name_of
from test_harness.settings import settings

# Tests in folders of these names get the marker of that name.
MARKED_FOLDERS = {"unit", "integration", "api"}
# Markers of tests that have a database of their own.
REAL_COMMITS = ("real_commits", "concurrency")


def pytest_configure(config: pytest.Config) -> None:
    """Have pytest-alembic, where a project has it, collect nothing here that nobody asked for.

    From pytest 9.2 on, version 0.13.1 breaks the collection of each suite that has a
    `tests/conftest.py`. Its fixtures and tests can be imported all the same.
    """
    # Not before, for pytest is to rewrite what is a plugin.
    from test_harness.watch.order.plugin import is_suite_of_the_harness

    is_asked_for = getattr(config.option, "pytest_alembic_registration_enabled", False)
    if is_suite_of_the_harness(config) and not is_asked_for:
        config.pluginmanager.set_blocked("pytest-alembic")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from test_harness.watch.order.plugin import is_suite_of_the_harness

    known, remembered = _known_failures(), _remembered()
    beside = _folders_beside(config) if is_suite_of_the_harness(config) else []
    for item in items:
        if entry := known.get(name_of(item)):
            _check_accepted(item, entry)
            item.stash[known_failure] = entry
        if item.path.is_relative_to(suite_dir()):
            for folder in MARKED_FOLDERS.intersection(
                item.path.relative_to(suite_dir()).parts[:-1]
            ):
                item.add_marker(folder)
        elif any(map(item.path.is_relative_to, beside)) and not _asks_for_database(item):
            item.add_marker("unit")  # It lies beside what it tests.
        lacking = [asked.args for asked in item.iter_markers("needs") if not _has(*asked.args)]
        if lacking:
            # The last is that of the whole module, without which the others say nothing.
            place, what = lacking[-1]
            hint = "".join(f"; {it}" for it in [hint_for(place)] if it)
            reason = f"the application has no {what} (answer {place} of harness.toml{hint})"
            item.add_marker(pytest.mark.skip(reason=reason))
        if not isinstance(item, pytest.Function):
            continue
        if "race" in item.fixturenames and not item.get_closest_marker("unit"):
            item.add_marker("concurrency")
        if has_real_commits(item) or remembered_name(item) in remembered:
            with_real_commits(item)


def _folders_beside(config: pytest.Config) -> list[Path]:
    """Return the folders that the answer `beside` has named as those with unit tests."""
    above = config.inipath.parent if config.inipath else config.rootpath
    folders = [(above / name).resolve() for name in config.getini("testpaths")]
    return [folder for folder in folders if folder != suite_dir()]


def _asks_for_database(item: pytest.Item) -> bool:
    return "database" in getattr(item, "fixturenames", ())


def with_real_commits(item: pytest.Function) -> None:
    """Have a test run on a database of its own."""
    if not has_real_commits(item):
        item.add_marker("real_commits")
    # After what all tests share, before anything that is made for this test.
    shared = [name for name in item.fixturenames if _is_shared(item, name)]
    # A list of its own: that of pytest is one for all parameters of a test.
    item.fixturenames = [
        *shared,
        "own_database",
        *(name for name in item.fixturenames if name not in shared),
    ]


def remembered_name(item: pytest.Item) -> str:
    """Return how a test is called in `real_commits.txt`; empty for one that is not of the suite."""
    if not item.path.is_relative_to(suite_dir()):
        return ""
    file = item.path.relative_to(suite_dir()).as_posix()
    return f"{file}::{item.nodeid.partition('::')[2]}"


def _remembered() -> dict[str, str]:
    is_wanted = settings().database.isolation == "auto"
    return read_remembered(suite_dir() / REMEMBERED) if is_wanted else {}


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


def has_real_commits(item: pytest.Item) -> bool:
    """Tell whether a test has a database of its own."""
    return any(map(item.get_closest_marker, REAL_COMMITS))


def _is_shared(item: pytest.Function, fixture: str) -> bool:
    definitions = item._fixtureinfo.name2fixturedefs.get(fixture) or ()
    return any(definition.scope != "function" for definition in definitions[-1:])
