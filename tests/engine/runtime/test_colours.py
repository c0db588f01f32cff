"""Alembic is loaded without the colours that Mako would show errors in."""

from __future__ import annotations

import subprocess
import sys

import pytest

LISP = "print('pygments.lexers.lisp' in sys.modules)"


def printed(code: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}"], stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    "imported",
    [
        "import test_harness.migrations.kit",
        "import test_harness.runtime.history as it; it.leave_out_colours(); import alembic.command",
    ],
)
def test_no_lexers_are_loaded(imported: str) -> None:
    assert printed(f"{imported}\n{LISP}") == ["False"]


def test_there_is_something_to_leave_out() -> None:
    pytest.importorskip("pygments")
    assert printed(f"import alembic.command\n{LISP}") == ["True"]


def test_who_wants_the_colours_has_them() -> None:
    pytest.importorskip("pygments")
    after = "import mako.ext.pygmentplugin as it\nprint(callable(it.syntax_highlight('x.mako')))"
    assert printed(f"import test_harness.migrations.kit\n{after}") == ["True"]
    # An application that has shown errors in colours before goes on to.
    before = "import mako.exceptions as it\nimport test_harness.migrations.kit\n"
    assert printed(f"{before}print(it.pygments_html_formatter is not None)") == ["True"]
