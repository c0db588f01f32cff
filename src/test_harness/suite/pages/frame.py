"""What stands around every page: its looks, its filters, and that it asks nobody for anything."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from test_harness.suite.pages.tags import tag

HERE = Path(__file__).parent
# A browser that knows this loads nothing, whatever stands in the page.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def page(title: str, said: str, body: Iterable[str]) -> str:
    """Return a page as one file.

    Args:
        title: Its name.
        said: What stands beside it, as text.
        body: Parts of HTML.
    """
    css, script = ((HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", escape(title)),
        tag("style", f"\n{css}"),
    ]
    toggle = tag("button", "Dark", id="theme", type="button")
    top = tag("header", tag("h1", escape(title)), tag("p", escape(said)), toggle)
    parts = [*head, top, *body, tag("script", f"\n{script}")]
    return (
        f"<!doctype html>\n{tag('html', chr(10), *(f'{it}{chr(10)}' for it in parts), lang='en')}\n"
    )


def section(title: str, note: str, *parts: str) -> str:
    """Return a part of a page with a heading.

    Args:
        title: The heading.
        note: One sentence on what is shown; may be empty.
        parts: HTML.
    """
    said = tag("p", escape(note), class_="note") if note else ""
    return tag("section", tag("h2", escape(title)), said, *parts)


def card(value: str, label: str, tone: str = "", below: str = "") -> str:
    """Return a figure that stands out.

    Args:
        value: The figure.
        label: What it is of.
        tone: `good`, `bad`, `warn` or nothing.
        below: HTML that stands below it.
    """
    figure = tag("b", escape(value)), tag("span", escape(label))
    return tag("div", *figure, below, class_=f"card {tone}".strip())


def badge(text: str, tone: str) -> str:
    """Return a word in a colour, which is a variable of the page's."""
    return tag("span", escape(text), class_="badge", style=f"--tone: var(--{tone})")


def legend(names: Iterable[str]) -> str:
    """Return what colours stand for; each name is that of a variable."""
    items = (tag("li", tag("i", style=f"background: var(--{it})"), escape(it)) for it in names)
    return tag("ul", *items, class_="legend")


def chips(name: str, values: Iterable[tuple[str, int]]) -> str:
    """Return buttons that filter rows by a value.

    Args:
        name: `state` or `kind`.
        values: Each with how many rows have it.
    """
    return "".join(
        tag(
            "button", escape(f"{value} {number}"),
            type="button", data_filter=name, data_value=value, aria_pressed="false",
        )
        for value, number in values
    )  # fmt: skip


def tools(*buttons: str) -> str:
    """Return a field to search in rows, buttons beside it, and how many rows are shown."""
    field = tag("input", type="search", placeholder="Search", aria_label="Search")
    shown = tag("span", tag("span", data_shown="yes"), " shown", class_="where")
    return tag("div", field, *buttons, shown, class_="tools")


def table(heads: Iterable[str], rows: Iterable[str]) -> str:
    """Return a table that scrolls for itself where it is too wide."""
    parts = tag("thead", tag("tr", *heads)), tag("tbody", *rows)
    return tag("div", tag("table", *parts), class_="wide")
