"""Show what the tests of the last run cost, what to do about it, and how it went before."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from test_harness.project import project_dir

PAGE = "performance.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where the page and the figures go."""
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="where the page goes (the cache of pytest)"
    )
    parser.add_argument(
        "--json", action="store_true", help="print the results of the last run instead, as JSON"
    )


def run(arguments: argparse.Namespace) -> int:
    """Read what the last run left, print it and write the page."""
    # What is read needs the settings, and those a package that the hook is without.
    from test_harness.settings import settings
    from test_harness.suite.performance.lines import lines
    from test_harness.suite.performance.page import performance_page
    from test_harness.suite.results import keeping, place

    folder = place.kept_in()
    results, history = keeping.read_run(folder), keeping.read_history(folder)
    if arguments.json:
        print(json.dumps(results, indent=1))
        return 0
    for line in lines(results, history):
        print(line)
    page = arguments.html or folder / PAGE
    page.parent.mkdir(parents=True, exist_ok=True)
    text = performance_page(results, history, settings().budgets, project_dir().name)
    keeping.write(page, text)
    print(f"The page: {page.resolve().as_uri()}")
    return 0
