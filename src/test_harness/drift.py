"""What the files of the harness do not know of yet, a line each at the end of any run.

A whole run says it by its checks. One that leaves them out, as most do that people start by hand,
says it here: a model without a factory, a route that nobody has said anything of, an engine of
another commit than the one that is asked for.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from test_harness.application.loading import application, is_loaded
from test_harness.project import suite_dir

_ENGINE = re.compile(r"^test-harness(?:\[[\w,-]*\])? *@ *git\+\S+@([^\s#@/]+)", re.MULTILINE)
_OUTPUT = "test_harness_drift"
_lines = pytest.StashKey[list[str]]()
# Files that could not be collected, which says it as well.
_broken: set[str] = set()
# A whole name fits, and of many the first tell enough.
_SHOWN = 3


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        _broken.add(report.nodeid.rpartition("/")[2])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    lines: list[str] = []
    # A run with xdist is asked by its workers: where the tests are, the application is.
    if is_loaded() and session.items:
        checks = suite_dir() / "checks"
        in_the_run = _broken.union(item.path.name for item in session.items)
        for name, drifted in (("factories", of_models), ("routes", of_routes)):
            is_said = any(it.startswith(f"test_{name}_") for it in in_the_run)
            if not is_said and any(checks.glob(f"test_{name}_*.py")):
                # What keeps them from being told is told by the checks.
                with contextlib.suppress(Exception):
                    lines += drifted()
    if hasattr(config, "workeroutput"):
        config.workeroutput[_OUTPUT] = lines
    else:
        config.stash.setdefault(_lines, []).extend([*lines, *of_the_engine()])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    told = node.config.stash.setdefault(_lines, [])
    told += [it for it in getattr(node, "workeroutput", {}).get(_OUTPUT, []) if it not in told]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for line in config.stash.get(_lines, []):
        terminalreporter.write_line(f"test harness: {line}")


def of_models() -> Iterator[str]:
    """Say which mapped classes have no factory."""
    from test_harness.factories.contract import models_without_factory

    names = [model.__name__ for model in models_without_factory()]
    if names:
        yield f"{_counted(names, 'model')} without a factory: `test-harness factories` writes one."


def of_routes() -> Iterator[str]:
    """Say of which routes of the application nobody has said who may."""
    from test_harness.walk.unsaid import routes_unsaid

    if missing := routes_unsaid(application()):
        yield (
            f"{_counted(missing, 'route')} without a line in access.toml: "
            "`test-harness routes` adds it, for you to review."
        )


def of_the_engine() -> Iterator[str]:
    """Say where the engine is of another commit than requirements.txt asks for."""
    file = suite_dir() / "requirements.txt"
    asked = _ENGINE.search(file.read_text(encoding="utf-8")) if file.is_file() else None
    if not asked:
        return
    try:
        text = importlib.metadata.distribution("test-harness").read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        return
    found = json.loads(text or "{}").get("vcs_info", {})
    there = [it for key in ("requested_revision", "commit_id") if (it := found.get(key))]
    if there and asked[1] not in there:
        yield (
            f"the engine is of {there[-1][:9]}, and {file.parent.name}/{file.name} asks for "
            f"{asked[1][:9]}: `test-harness install` brings it."
        )


def _counted(names: Iterable[str], what: str) -> str:
    first = sorted(names)
    rest = f" and {len(first) - _SHOWN} more" if len(first) > _SHOWN else ""
    return f"{what}{'s' if len(first) > 1 else ''} {', '.join(first[:_SHOWN])}{rest}"
