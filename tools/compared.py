"""Write what was measured into docs/compare.md, from benchmarks/results/latest.json.

python -m tools.compared            write the table
python -m tools.compared --check    end with 1 when the table is another one
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import RESULTS
from tools.demo import ROOT, say

PAGE = ROOT / "docs" / "compare.md"
TABLE = re.compile(r"(?<=<!-- measured -->\n\n).*?(?=\n<!-- end -->)", re.DOTALL)


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of measured rows, each with its goal and whether it is met."""
    lines = [
        "| row | what | measured | spread | goal | depends on | met |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        met = "yes" if row["ok"] else "**no**"
        name = str(row["name"]).replace("|", "\\|")
        spread = " to ".join(f"{figure:g}" for figure in row.get("spread", ()))
        depends = ", ".join(row.get("depends", ()))
        lines.append(
            f"| {row['id']} | {name} | {row['measured']:g} | {spread} | {row['goal']} | {depends} "
            f"| {met} |"
        )
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table, or see whether it is what was measured, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.compared", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    before = PAGE.read_text(encoding="utf-8")
    made = table(json.loads(RESULTS.read_text(encoding="utf-8")))
    after = TABLE.sub(lambda _: made, before)
    if parser.parse_args(arguments).check:
        if before != after:
            print(
                "The table is not what was measured: `python -m tools.compared`.", file=sys.stderr
            )
        return int(before != after)
    PAGE.write_text(after, encoding="utf-8")
    say(f"Written to {PAGE.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
