"""A default that takes long is called once, and not for every row."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.factories.test_factory_messages import HEAD, THING
from tests.engine.factories.test_factory_zoo import contract, of_models, python, write
from tests.worlds import build_tree

pytestmark = pytest.mark.runs

__all__ = ["python"]  # the fixture

SLOW = """
import pathlib
import time
import uuid


def new_key():
    time.sleep(0.2)
    with pathlib.Path("calls").open("a") as file:
        file.write("x")
    return "key"


def quick():
    return "quick"


def slow_at_first(seen=[]):
    if not seen:
        time.sleep(0.2)
    seen.append(1)
    return "first"
"""
COLUMNS = """
    key: Mapped[str] = mapped_column(default=new_key)
    plain: Mapped[str] = mapped_column(default=quick)
    first: Mapped[str] = mapped_column(default=slow_at_first)
    number: Mapped[str] = mapped_column(default=lambda: (time.sleep(0.2), str(uuid.uuid4()))[1])
"""


def test_it_is_called_once_and_what_cannot_be_is_said(
    template: Path, python: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project = tmp_path_factory.mktemp("slow") / "project"
    build_tree(project, {"shop.py": HEAD + SLOW + THING + COLUMNS})
    of_models(template, project, "shop:Base")
    printed = write(python, project)
    assert "Thing.key has a default that takes 0.2 s: its factory calls it once." in printed
    assert "Thing.number has a default that takes 0.2 s for every row." in printed
    written = (project / "tests" / "factories.py").read_text()
    assert "from functools import cache\n" in written
    assert "from shop import Thing, new_key\n" in written
    assert "    key = LazyFunction(cache(new_key))\n" in written
    assert "plain" not in written
    assert "first" not in written
    (project / "calls").unlink()
    assert "2 passed" in contract(python, project)
    assert (project / "calls").read_text() == "x"
