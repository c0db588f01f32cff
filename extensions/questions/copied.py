"""What is taken over into a project as it is, from outside of the folder that is rendered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

IGNORED = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}


def files_below(folder: Path) -> Iterator[str]:
    """Yield the path of each file, relative to the folder and with slashes.

    Args:
        folder: What tools leave behind in it is passed over.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not IGNORED.intersection(path.parts):
            yield path.relative_to(folder).as_posix()


def text_of(template: Path, file: str) -> str:
    """Return the text of a file of the template, which Jinja never sees.

    Args:
        template: The root of the template.
        file: The path of the file below it.
    """
    return Path(template, file).read_text(encoding="utf-8")
