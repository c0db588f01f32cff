"""Where in the application patterns of code match."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..findings import Finding
from .source import Source

_TOP = re.compile(rb"^(?!def |async def |class |@|#|import |from |\s)[^\n]*", re.M)


def first_places(source: Source, wanted: Mapping[str, bytes]) -> dict[str, Finding]:
    """Return the first place in the application that each pattern matches, if any.

    A line at the top level of a module goes before all others: it runs at import, and a note says
    so. Comments, imports and the headers of classes do not count.
    """
    found: dict[str, Finding] = {}
    for name, expression in wanted.items():
        pattern = re.compile(expression)
        for module in source.containing(_words(expression), most_aside=0):
            known = found.get(name)
            if not source.live(module):
                continue
            if known is not None and known.note:
                break
            for match in pattern.finditer(module.data):
                start = module.data.rfind(b"\n", 0, match.start()) + 1
                line = module.data[start : match.end()]
                if line.lstrip().startswith((b"#", b"import ", b"from ", b"class ")):
                    continue
                note = "at import" if _TOP.match(line) else ""
                if known is None or note:
                    shown = match.group(0).decode("utf-8", "replace").rstrip("(")
                    known = found[name] = Finding(
                        shown, module.at(match.start()), "medium", note=note
                    )
                if note:
                    break
    return found


def _words(expression: bytes) -> re.Pattern[bytes]:
    """Return a pattern of the names that a pattern of code begins with or has."""
    names = re.findall(rb"[A-Za-z_]{4,}", expression.replace(b"\\w", b" ").replace(b"\\b", b" "))
    flags = re.I if b"(?i)" in expression else 0
    return re.compile(b"|".join(sorted(set(names))), flags)
