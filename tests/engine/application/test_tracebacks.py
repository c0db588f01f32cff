"""The error that a traceback tells of, when it comes as text."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import pytest

from test_harness.application.tracebacks import last_error, told
from test_harness.lock.callers import shown_place

HERE = shown_place(__file__, 1).removesuffix(":1")


def broken() -> None:
    raise KeyError("berths")


def text_of(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def test_one_error_with_the_line_of_the_project() -> None:
    with pytest.raises(KeyError) as caught:
        broken()
    said = last_error(text_of(caught.value))
    assert said == f"KeyError: 'berths' ({HERE}:{broken.__code__.co_firstlineno + 1})"


GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "{here}", line 12, in serve
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "{here}", line 43, in lifespan
    |   File "/venv/site-packages/state.py", line 125, in __getattr__
    | AttributeError: desk
    +------------------------------------
"""


def test_the_error_inside_of_a_group() -> None:
    assert last_error(GROUP.format(here=__file__)) == f"AttributeError: desk ({HERE}:43)"


def test_a_body_with_a_traceback_is_shown_by_its_error() -> None:
    with pytest.raises(KeyError) as caught:
        broken()
    body = f"{text_of(caught.value)}{'-' * 400}"
    assert told(body, 200).startswith(f"KeyError: 'berths' ({HERE}:")
    assert told("no such berth", 200) == "no such berth"
    assert told("x" * 9, 4) == "xxxx ..."


@pytest.mark.parametrize(
    ("text", "said"), [("no port is free.\n", "no port is free"), ("", "it says no more")]
)
def test_text_that_is_no_traceback(text: str, said: str) -> None:
    assert last_error(text) == said


def test_a_place_by_way_of_another_folder_is_shown_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown_place(os.fspath(tmp_path / "tests" / ".." / "app.py"), 3) == "app.py:3"
