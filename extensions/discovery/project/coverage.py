"""The file that configures coverage, and the gate."""

from __future__ import annotations

import re

from ..code.files import Tree, line_of
from ..findings import Finding

# Where pytest is told to fail below a per cent.
_COMMANDS = ("pytest.ini", ".pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini", "Makefile")
_OPTION = re.compile(r"--cov-fail-under[=\s]+(\d+)")


def coverage(tree: Tree) -> Finding:
    """Return the file and the gate, the highest of those that there are; 0 for none."""
    for name, needle in (
        (".coveragerc", "["),
        ("pyproject.toml", "[tool.coverage"),
        ("setup.cfg", "[coverage:"),
        ("tox.ini", "[coverage:"),
    ):
        text = tree.text(name) if name in tree else ""
        if needle in text:
            gate = re.search(r"fail_under\s*=\s*(\d+)", text)
            highest = max(int(gate.group(1)) if gate else 0, *_gates_of_pytest(tree).values(), 0)
            value = {"file": name, "gate": highest}
            return Finding(value, f"{name}:{line_of(text, text.find(needle))}", "high")
    gates = _gates_of_pytest(tree)
    if not gates:
        return Finding()
    name = max(gates, key=gates.__getitem__)
    where = f"{name}:{line_of(tree.text(name), tree.text(name).find('--cov-fail-under'))}"
    return Finding({"file": name, "gate": gates[name]}, where, "high")


def _gates_of_pytest(tree: Tree) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in _COMMANDS:
        numbers = _OPTION.findall(tree.text(name)) if name in tree else []
        if numbers:
            found[name] = max(map(int, numbers))
    return found
