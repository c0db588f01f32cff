"""The pages of a list together are its rows, once each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from test_harness.walk.finding import Finding
from test_harness.walk.listing import at_once, listing_of, paging_of, said
from test_harness.walk.oracles.pages import bad_pages, whole_in_pages
from test_harness.walk.patterns.asked import Asked
from test_harness.walk.patterns.rows import made, table_of_source
from test_harness.walk.seeing import seen_whole
from test_harness.walk.steps import Steps

# Two full pages of two, and one that is not.
ROWS = 5


def pages(asked: Asked, source: Any, values: Mapping[str, Any]) -> Steps[list[Finding]]:
    """Make rows, and read the list at once, page by page, and where there is no page.

    Args:
        asked: The path of the list.
        source: A factory, or a mapped class, of its rows.
        values: What makes them rows of this list.
    """
    rows = yield partial(made, source, values, ROWS)
    table = table_of_source(source)
    visit = yield from asked.send("GET")
    scene = asked.scene("GET", visit, {table.fullname: rows[0]})
    if (paging := paging_of(scene.operation)) is None:
        fix = "Give it parameters such as `page` and `size`, or `offset` and `limit`."
        return [asked.finding("lists", visit, ", and takes nothing that asks for a page.", fix=fix)]
    # The first page may have no row of these.
    whole = yield from scene.ask(query={**scene.recipe.query, **at_once(scene.operation)})
    listing = listing_of(replace(scene, granted=whole))
    seeing = None if listing is None else (yield from seen_whole(scene, listing, rows[1:]))
    if listing is None or seeing is None or len(seeing.rows) < ROWS:
        shown = 0 if seeing is None else len(seeing.rows)
        first = said(listing.elements(whole)[:1]) if listing else ""
        return [
            asked.finding(
                "lists",
                whole,
                f", and lists {shown} of the {ROWS} rows of {table.fullname} that were made.",
                evidence=first,
                fix="Give the factory what makes them rows of this list, or have it list them all.",
            )
        ]
    found = yield from whole_in_pages(seeing, paging)
    return found or (yield from bad_pages(scene, paging))
