"""What an application logs during a request is noted, at the price of one logger."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import ModuleType

import pytest

from test_harness.walk import logs
from test_harness.walk.visit import Logged


@pytest.fixture(autouse=True)
def loggers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have an application with a logger for each of its modules."""
    module = ModuleType("walk_shop")
    module.__file__ = str(Path(__file__))
    monkeypatch.setitem(sys.modules, "walk_shop", module)
    monkeypatch.setattr(logs, "is_of_the_application", lambda file: file == __file__)
    monkeypatch.setattr(logs, "shown_place", lambda file, line: Path(file).name)
    for name in ("walk_shop", *(f"walk_shop.part{number}" for number in range(20))):
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_what_any_of_its_loggers_says_is_noted_and_levels_are_as_they_were() -> None:
    noted: list[Logged] = []
    with logs.noted_in(noted):
        logging.getLogger("walk_shop").info("opened")
        logging.getLogger("walk_shop.part7").info("sold")
        logging.getLogger("walk_shop.part7").debug("looked for")
    assert [one.text for one in noted] == ["opened", "sold"]
    assert logging.getLogger("walk_shop").level == logging.NOTSET


def test_a_level_that_the_application_has_set_stays() -> None:
    noted: list[Logged] = []
    logging.getLogger("walk_shop.part3").setLevel(logging.ERROR)
    with logs.noted_in(noted):
        logging.getLogger("walk_shop.part3").info("nothing")
    assert noted == []
    assert logging.getLogger("walk_shop.part3").level == logging.ERROR


def test_those_below_another_are_not_set_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    set_level = logging.Logger.setLevel

    def noting(self: logging.Logger, level: int | str) -> None:
        names.append(self.name)
        set_level(self, level)

    monkeypatch.setattr(logging.Logger, "setLevel", noting)
    with logs.noted_in([]):
        assert [name for name in names if name.startswith("walk_shop")] == ["walk_shop"]
