"""A list as a whole, in which some rows are known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from test_harness.walk.listing import Listing, at_once
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.visit import Row, Visit


@dataclass(frozen=True)
class Seeing:
    """A list of which some rows are known.

    Args:
        scene: The operation.
        listing: What it is of.
        column: Tells a row from others.
        rows: Those of ours that it has.
        whole: The answer with all rows.
    """

    scene: Scene
    listing: Listing
    column: str
    rows: list[Row]
    whole: Visit

    def times(self, row: Row, elements: list[Any]) -> int:
        """Return how often a row is in what was listed."""
        return sum(self.listing.shows(element, row, self.column) for element in elements)

    def name_of(self, row: Row) -> str:
        """Return what to call a row."""
        return f"{self.listing.model.table.fullname}.{self.column} = {row[self.column]}"


def seen_whole(scene: Scene, listing: Listing, made: list[Row]) -> Steps[Seeing | None]:
    """Ask for all rows at once; None where the list has none of those that were made.

    Args:
        scene: The operation.
        listing: What it lists.
        made: Rows like ours, one of which is to be there.
    """
    whole = yield from scene.ask(query={**scene.recipe.query, **at_once(scene.operation)})
    if not whole.opens:
        whole = yield from scene.ask()
    elements = listing.elements(whole)
    known = [scene.world.ours[listing.model.table.fullname], *made]
    for column in listing.columns(known):
        seeing = Seeing(scene, listing, column, known, whole)
        seen = [row for row in known if seeing.times(row, elements)]
        if any(row in seen for row in made):
            return replace(seeing, rows=seen)
    return None
