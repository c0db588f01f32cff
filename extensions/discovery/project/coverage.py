"""The file that configures coverage, and the gate."""

from __future__ import annotations

import re

from ..code.files import Tree, line_of
from ..findings import Finding


def coverage(tree: Tree) -> Finding:
    """Return the file and the gate; 0 for none."""
    for name, needle in (
        (".coveragerc", "["),
        ("pyproject.toml", "[tool.coverage"),
        ("setup.cfg", "[coverage:"),
        ("tox.ini", "[coverage:"),
    ):
        text = tree.text(name) if name in tree else ""
        if needle in text:
            gate = re.search(r"fail_under\s*=\s*(\d+)", text)
            value = {"file": name, "gate": int(gate.group(1)) if gate else 0}
            return Finding(value, f"{name}:{line_of(text, text.find(needle))}", "high")
    return Finding()
