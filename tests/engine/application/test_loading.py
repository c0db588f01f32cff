"""The application is imported as a server imports it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from test_harness.application import loading
from test_harness.errors import ApplicationError
from tests.worlds import build_tree

WAITS = """\
import asyncio

ended = []

async def wait():
    try:
        await asyncio.sleep(600)
    finally:
        ended.append(True)

def create_app():
    task = asyncio.create_task(wait())
    return lambda: task
"""
AT_IMPORT = f"{WAITS}\napp = create_app()\n"


@pytest.fixture
def import_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def made(name: str, text: str, path: str, framework: str = "fastapi") -> Any:
        build_tree(tmp_path, {f"{name}.py": text})
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(
            loading, "settings", lambda: SimpleNamespace(
                application=SimpleNamespace(framework=framework)
            )
        )  # fmt: skip
        try:
            return loading.import_object(f"{name}:{path}")
        finally:
            sys.modules.pop(name, None)

    return made


@pytest.mark.parametrize(("text", "path"), [(AT_IMPORT, "app"), (WAITS, "create_app()")])
def test_what_asks_for_a_loop_has_one_as_with_a_server(
    import_of: Any, text: str, path: str
) -> None:
    assert import_of("waits_for_a_loop", text, path)().cancelled()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_flask_has_no_loop_with_a_server_either(import_of: Any) -> None:
    with pytest.raises(ApplicationError, match=r"no running event loop .*waits_in_flask\.py:12"):
        import_of("waits_in_flask", AT_IMPORT, "app", "flask")


def test_another_error_is_told_as_it_is(import_of: Any) -> None:
    with pytest.raises(ApplicationError, match="RuntimeError: no engine"):
        import_of("lacks_an_engine", "raise RuntimeError('no engine')\n", "app")


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("from pytest import fixtur\n", "Mend the line, or install the versions of its packages"),
        ("import pytest\npytest.fixtur()\n", "Mend the line, or install the versions"),
        ("import pytest\npytest.fixture(scopes=1)\n", "Mend the line, or install the versions"),
        ("import os\nos.getenv('NO_HOST').split()\n", "Mend the module, or give the variables"),
        (
            "try:\n    import email_validatr\nexcept ImportError as error:\n"
            "    raise ImportError('run `pip install it`') from error\n",
            "Install 'email_validatr'",
        ),
    ],
)
def test_what_was_written_for_other_packages_is_told_so(
    import_of: Any, text: str, fix: str
) -> None:
    with pytest.raises(ApplicationError) as raised:
        import_of("of_another_version", text, "app")
    assert raised.value.fix.startswith(fix)


def test_an_argument_may_be_what_a_table_has(import_of: Any) -> None:
    text = (
        "class Tests: ...\n\n\ntable = {'tests': Tests}\n\n\n"
        "def create_app(kind):\n    return kind\n"
    )
    made = import_of("has_a_table", text, "create_app(has_a_table.table['tests'])")
    assert made.__name__ == "Tests"
