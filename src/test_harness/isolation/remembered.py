"""`real_commits.txt`: tests that ask for what one connection cannot give, each with what that is.

A block is the name of a test and, below it, what is asked for:

    api/test_report.py::test_the_report_is_of_one_moment
      app/report.py:31 asked for the isolation level SERIALIZABLE
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from test_harness.endings import write_text

FILE = "real_commits.txt"
HEADER = """\
# Tests that ask for what the one connection that tests share cannot give, each with what that is.
# They run on real connections from the start, as if they were marked real_commits. The harness adds
# to this file; delete an entry to have its test tried on the shared connection again.
"""


def read_remembered(path: Path) -> dict[str, str]:
    """Return what each test that the file names asks for; nothing where there is no file."""
    if not path.exists():
        return {}
    found: dict[str, str] = {}
    test = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line[0].isspace():
            found[test] = line.strip()
        else:
            test = line.strip()
            found[test] = ""
    return found


def remember(path: Path, asked: Mapping[str, str]) -> None:
    """Add tests to the file, which is made where there is none.

    Args:
        path: The file.
        asked: What each test asks for.

    Raises:
        OSError: It cannot be written.
    """
    known = read_remembered(path)
    new = [f"{test}\n  {said}" for test, said in sorted(asked.items()) if test not in known]
    if not new:
        return
    before = path.read_text(encoding="utf-8") if path.exists() else HEADER
    write_text(path, "\n".join([before.rstrip("\n"), "", *new, ""]))
