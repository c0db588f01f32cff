"""Imports little settings modules, each in a process of its own, and prints how that failed.

Run by an environment that has libraries of settings. What is read and written is JSON: by the name
of a case its `files` and its `variables`, and what was read of the failure of its module `conf`.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from test_harness import project
from test_harness.demands.failure import describe
from test_harness.demands.reads import Reads


def read(folder: Path, variables: dict[str, str]) -> dict[str, Any]:
    """Import `conf` in a folder, and return how that failed; nothing where it did not."""
    os.environ.clear()
    os.environ.update({"PATH": "/bin", **variables})
    os.chdir(folder)
    sys.path[:0] = [str(folder), str(folder / "site-packages")]
    project.use(folder / "tests")
    reads = Reads()
    reads.begin()
    try:
        importlib.import_module("conf")
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is described
        return describe(error, reads)
    return {}


def main(base: Path) -> None:
    """Read the cases that come in, in folders below `base`."""
    for name, case in json.load(sys.stdin).items():
        folder, result = base / name, base / f"{name}.json"
        for file, content in case["files"].items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(content, encoding="utf-8")
        child = os.fork()
        if child == 0:
            try:
                found = read(folder, case["variables"])
                result.write_text(json.dumps(found), encoding="utf-8")
            finally:
                os._exit(0)
        os.waitpid(child, 0)


main(Path(sys.argv[1]))
