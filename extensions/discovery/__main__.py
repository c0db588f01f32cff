"""`python -m extensions.discovery PATH [--json]`: what the template reads from a backend."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .report.data import as_data
from .report.facts import Facts
from .report.table import report


def main() -> int:
    """Print the facts about a folder; the exit status is 2 when there is no such folder."""
    parser = argparse.ArgumentParser(prog="python -m extensions.discovery", description=__doc__)
    parser.add_argument("path", type=Path, help="the folder of the backend")
    parser.add_argument("--json", action="store_true", help="for a program instead of a person")
    arguments = parser.parse_args()
    if not arguments.path.is_dir():
        parser.error(f"{arguments.path} is not a folder: name the folder of a backend")
    facts = Facts(arguments.path)
    print(json.dumps(as_data(facts), indent=2) if arguments.json else report(facts))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
