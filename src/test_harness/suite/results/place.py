"""Where the results of runs are kept: in the folder that pytest caches in."""

from __future__ import annotations

import configparser
from pathlib import Path

from test_harness.project import project_dir, suite_dir

FOLDER = "test_harness"
RUN, LAST, HISTORY = "results.json", "last.json", "history.jsonl"
CACHE = ".pytest_cache"


def kept_in() -> Path:
    """Return the folder with the results of runs, as `pytest.ini` has it; it may not be there."""
    inis = (folder / "pytest.ini" for folder in (suite_dir(), project_dir()))
    ini = next((path for path in inis if path.exists()), project_dir() / "pytest.ini")
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ini, encoding="utf-8")
    cache = parser.get("pytest", "cache_dir", fallback=CACHE)
    # Values of a cache directory that somebody makes lie in `d`.
    return ini.parent / cache / "d" / FOLDER
