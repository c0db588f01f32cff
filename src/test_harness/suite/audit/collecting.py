"""A plugin of pytest that writes down what is collected, with which fixtures, and runs nothing."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("test harness").addoption(
        "--write-collected", type=Path, help="write what is collected into a file, and run nothing"
    )


def pytest_configure(config: pytest.Config) -> None:
    # What a report of coverage would ask for is another matter.
    config.option.collectonly = True


def pytest_collection_finish(session: pytest.Session) -> None:
    path: Path = session.config.getoption("--write-collected")
    items = {item.nodeid: _fixtures(item) for item in session.items}
    path.write_text(json.dumps({"items": items, "failed": session.testsfailed}), encoding="utf-8")


def _fixtures(item: pytest.Item) -> dict[str, str]:
    """Return where each fixture of a test is written; empty for one that nobody has."""
    info = getattr(item, "_fixtureinfo", None)
    if info is None:
        return {}
    found: dict[str, Any] = info.name2fixturedefs
    own = {
        name: (inspect.getsourcefile(definitions[-1].func) or "" if definitions else "")
        for name, definitions in found.items()
    }
    missing = [name for name in info.names_closure if name not in found and name != "request"]
    given = set(getattr(getattr(item, "callspec", None), "params", ()))
    return {**own, **{name: "nowhere" for name in missing if name not in given}}
