"""Which release of a package is installed, by what a lock or a requirement says."""

from __future__ import annotations

import re

from ..code.files import Tree, decode, parents_of_the_project

_PINS = (
    r"(.*/)?(uv|poetry|pdm)\.lock|(.*/)?[\w.-]*requirements[\w.-]*\.txt"
    r"|(.*/)?requirements/[\w.-]+\.txt|([^/]+/){0,2}pyproject\.toml"
)


def pinned(tree: Tree, package: str) -> tuple[int, ...] | None:
    """Return the release of a package that a lock or a requirement pins, or that it stays below."""
    texts = [tree.text(name) for name in tree.named(_PINS)]
    for folder in parents_of_the_project(tree.root):
        paths = (folder / name for name in ("uv.lock", "poetry.lock", "requirements.txt"))
        texts += [decode(path.read_bytes()) for path in paths if path.is_file()]
    exact = re.compile(
        rf'(?im)^name = "{package}"\s*\nversion = "([\d.]+)"'
        rf"|^\s*[\"']?{package}(?:\[[^\]]*\])?\s*(?:[\"']?\s*=\s*[\"']\^?|==|~=|>=[\d.]+,\s*<)\s*([\d.]+)"
    )
    for text in texts:
        match = exact.search(text)
        if match:
            return tuple(int(part) for part in re.findall(r"\d+", match.group(1) or match.group(2)))
    return None
