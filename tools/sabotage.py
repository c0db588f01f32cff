"""`make sabotage`: plants every fault of `faults.py`, and sees the right generated test turn red.

The closing line is `caught N of N`; the exit status is 1 when a fault went unnoticed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.worlds import ROOT, build_tree, clone_template, render, run
from tools import dump_faults
from tools.environments import suite_environment
from tools.fault import Fault
from tools.faults import FAULTS
from tools.warm import WarmPython

# One fault may hide another test's trouble in one order and not in another.
QUIETLY = ("-q", "-p", "no:randomly")


def main() -> int:
    """Plant the faults one after the other."""
    with tempfile.TemporaryDirectory(prefix="sabotage-") as folder:
        root = Path(folder)
        template = clone_template(root / "template", "v99.0.0")
        python = environment_of_cells(root)
        healthy = render_projects(template, root, FAULTS)
        check_healthy(python, healthy, FAULTS)
        with WarmPython(python, root / "output") as warm:
            caught = [
                catches(warm, healthy[fault.project], fault, root / "broken") for fault in FAULTS
            ]
    print(f"caught {sum(caught)} of {len(FAULTS)}")
    return 0 if all(caught) else 1


def environment_of_cells(folder: Path) -> Path:
    """Make the environment that the projects of all cells run in, and return its interpreter."""
    return suite_environment(folder / ".venv", sys.executable, "bcrypt")


def render_projects(template: Path, folder: Path, faults: Sequence[Fault]) -> dict[str, Path]:
    """Render the projects that faults are planted in, and return them by their names."""
    needed = {fault.project: (fault.cell, fault.engine) for fault in faults}
    return {
        name: render_cell(template, folder / name, cell, engine)
        for name, (cell, engine) in needed.items()
    }


def render_cell(template: Path, destination: Path, cell: str, engine: str) -> Path:
    """Render the project of a cell, with the canaries of this project beside its own tests.

    A cell is named after a file of examples/answers, or after a backend that is adopted.
    """
    backend = ROOT / "tests" / "backends" / cell
    if backend.is_dir():
        shutil.copytree(backend, destination, ignore=shutil.ignore_patterns("__pycache__"))
        return render(template, destination, engine=engine)
    if cell == dump_faults.CELL:
        build_tree(destination, dump_faults.PROJECT)
    project = render(template, destination, answers_file=cell, engine=engine)
    shutil.copytree(ROOT / "tests" / "canaries", project / "tests" / "canaries")
    return project


def check_healthy(python: Path, projects: dict[str, Path], faults: Sequence[Fault]) -> None:
    """See every test that is to catch a fault pass on the healthy projects.

    Raises:
        AssertionError: One fails without a fault.
    """
    for name, project in projects.items():
        tests = {fault.caught_by for fault in faults if fault.project == name}
        run(python, "-m", "pytest", *QUIETLY, *sorted(tests), cwd=project)


def catches(python: WarmPython, healthy: Path, fault: Fault, broken: Path) -> bool:
    """Plant one fault in a copy, and return whether the test meant for it turned red.

    Raises:
        ValueError: The text to replace is not there, so that the fault would not be one.
    """
    shutil.rmtree(broken, ignore_errors=True)
    shutil.copytree(healthy, broken)
    # What healthy runs have found to need connections of its own is tried on the shared one.
    (broken / "tests" / "real_commits.txt").unlink(missing_ok=True)
    path = broken / fault.file
    text = path.read_text(encoding="utf-8")
    if text.count(fault.old) != 1:
        raise ValueError(f"{fault.file} does not hold once what “{fault.what}” replaces")
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    # Canaries see what those before them in the file have left.
    file = fault.caught_by.partition("::")[0]
    asked = file if file.startswith("tests/canaries/") else fault.caught_by
    said = python.pytest(*QUIETLY, asked, cwd=broken)
    # A file that cannot be collected is an error of the file.
    turned = any(f"{how} {fault.caught_by}" in said for how in ("FAILED", "ERROR"))
    caught = turned and fault.because in said
    print(f"{'caught' if caught else 'MISSED'}  {fault.promise}: {fault.what} [{fault.cell}]")
    print(f"        by {fault.caught_by}" if caught else said)
    return caught


if __name__ == "__main__":
    sys.exit(main())
