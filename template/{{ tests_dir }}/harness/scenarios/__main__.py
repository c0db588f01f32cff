"""The command behind `make seed`: `python -m harness.scenarios ADDRESS [SCENARIO]`."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from collections.abc import Sequence

from harness.errors import HarnessError
from harness.restart import interpreter_of_the_tests
from harness.settings import PROJECT_DIR, TESTS_DIR


def main(arguments: Sequence[str]) -> int:
    """Write a scenario into a development database and return the exit status.

    Args:
        arguments: The address of the database, and the name of a scenario or nothing.
    """
    python = interpreter_of_the_tests()
    if python is not None:
        command = [str(python), "-m", "harness.scenarios", *arguments]
        return subprocess.run(command, check=False).returncode
    sys.path[:0] = import_roots()
    address, name = (*arguments, "", "")[:2]
    if os.environ.get("DATABASE_URL") == address:
        # make hands its variables on, and the application may want another driver there.
        del os.environ["DATABASE_URL"]
    try:
        from harness.scenarios.seed import seed

        for line in seed(address, name):
            print(line)
    except HarnessError as error:
        print(f"make seed: {error}", file=sys.stderr)
        return 1
    return 0


def import_roots() -> list[str]:
    """Return the folders that imports start from in the suite, as pytest.ini names them."""
    found = [folder / "pytest.ini" for folder in (TESTS_DIR, PROJECT_DIR)]
    ini = next((path for path in found if path.exists()), None)
    if ini is None:
        return [str(TESTS_DIR), str(PROJECT_DIR)]
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ini, encoding="utf-8")
    folders = parser.get("pytest", "pythonpath", fallback="").split()
    return [str((ini.parent / folder).resolve()) for folder in folders]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
