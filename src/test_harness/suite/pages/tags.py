"""Writes HTML and SVG: an element with its attributes, which are escaped, and what stands in it."""

from __future__ import annotations

from html import escape

# What has no end.
VOID = {"input", "meta", "br"}


def tag(name: str, /, *content: str, **attributes: object) -> str:
    """Return an element.

    Args:
        name: Of the element.
        content: HTML; texts are passed through `escape`.
        attributes: Their values; `_` stands for `-`, one at the end is for Python's own words, and
            what is None or empty is left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_shown(value))}"'
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    return f"<{name}{written}>" + ("" if name in VOID else f"{''.join(content)}</{name}>")


def _shown(value: object) -> str:
    # A tenth of a pixel nobody sees.
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
