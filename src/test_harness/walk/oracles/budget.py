"""What is read costs as many statements for ten rows as for one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from test_harness.walk.finding import Finding
from test_harness.walk.further import further
from test_harness.walk.listing import Listing, at_once, listing_of
from test_harness.walk.models import all_models
from test_harness.walk.operation import Operation
from test_harness.walk.oracles.searching import searches
from test_harness.walk.recipe import in_text, plain
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.telling import shown_in
from test_harness.walk.visit import Row, Statement, Visit

FAMILY = "answers"
FEW, MANY = 10, 30
# So many classes of children at most.
MOST_CHILDREN = 4
# Every second row is of somebody else, who may not be shown: half a statement for each row.
GROWTH = 4
_NO_QUESTION = re.compile(r"(?i)\s*(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|SET|SHOW|PRAGMA)\b")
_VALUE = re.compile(r"'(?:[^']|'')*'|\b\d+\b|[%:$]\w+|\?")


def applies(operation: Operation) -> bool:
    """Tell whether it is read."""
    return operation.method == "GET"


def look(scene: Scene) -> Steps[list[Finding]]:
    """Ask for ten rows more than there were, each with parents and children of its own."""
    listing = listing_of(scene)
    if listing is None and scene.operation.path.endswith("}"):
        of_single: list[Finding] = yield Aside(_of_single(scene))
        return of_single
    kind = listing.model.kind if listing is not None else _kind_in_text(scene)
    if kind is None:
        return []
    below = scene.recipe.tables_in_path
    make = partial(
        further, scene.world, kind, apart=True, children=True, below=below, rows=scene.recipe.rows
    )
    for query in _queries(scene, listing):
        found: list[Finding] = yield Aside(_of_list(scene, listing, make, query))
        if found:
            return found
    return []


def _queries(scene: Scene, listing: Listing | None) -> Iterator[dict[str, Any]]:
    """Yield what is asked for: all there is, and then what each filter leaves of it."""
    whole = at_once(scene.operation)
    yield {**scene.recipe.query, **whole}
    row = {} if listing is None else scene.world.ours[listing.model.table.fullname]
    filters = {}
    for one in scene.operation.parameters_in("query"):
        column = None if listing is None else listing.model.column(one.name)
        value = None if column is None or column.foreign_keys else row.get(column.name)
        if value is not None and not isinstance(value, (date, bytes)):
            filters[one.name] = in_text(plain(value))
    if filters:
        yield {**scene.recipe.query, **whole, **filters}
    for one in searches(scene.operation) if listing is not None else ():
        # The factories begin the texts of all rows alike.
        for text in [it for it in row.values() if isinstance(it, str)]:
            word = re.match(r"[A-Za-z]{3,}(?= )", text)
            if word is not None and one.name not in scene.recipe.query:
                yield {**scene.recipe.query, **whole, one.name: word[0]}
                break


def _of_list(
    scene: Scene, listing: Listing | None, make: Callable[[int], Any], query: dict[str, Any]
) -> Steps[list[Finding]]:
    first = scene.granted
    if query != scene.recipe.query:
        first = yield from scene.ask(query=query)
    few_made = yield partial(make, FEW)
    few = yield from scene.ask(query=query)
    if not few_made or not is_growing(first, few):
        return []
    if listing is None:
        return [_finding(scene, first, few, f"{asked(first)}, and {asked(few)} for {FEW} more")]
    rows = [len(listing.elements(visit)) for visit in (first, few)]
    if few.ended and rows[1] <= rows[0]:
        return []
    yield partial(make, MANY - FEW)
    many = yield from scene.ask(query=query)
    rows.append(len(listing.elements(many)))
    return [growing(scene, (first, few, many), rows)]


def growing(scene: Scene, visits: Sequence[Visit], rows: Sequence[int]) -> Finding:
    """Say that a list asks the database more often the more rows it has.

    Args:
        scene: The list.
        visits: Its answers, each with more rows than the one before.
        rows: How many each has.
    """
    said = ", ".join(f"{asked(visit)} for {n}" for visit, n in zip(visits, rows, strict=True))
    return _finding(scene, visits[0], visits[1], said)


def _of_single(scene: Scene) -> Steps[list[Finding]]:
    """Give the row that is read further children."""
    tables, links = scene.recipe.tables_in_path, scene.world.ownership.links
    model = all_models().of_table(tables[-1]) if tables else None
    if model is None or scene.granted.json is None:
        return []
    children = [it for it, found in links.items() if any(one.target is model.kind for one in found)]
    made: list[Any] = []
    for child in children[:MOST_CHILDREN]:
        made += yield partial(further, scene.world, child, FEW)
    visit = yield from scene.ask()
    if not made or not is_growing(scene.granted, visit):
        return []
    said = f"{asked(scene.granted)}, and {asked(visit)} for {FEW} more that belong to the row"
    return [_finding(scene, scene.granted, visit, said)]


def is_growing(before: Visit, after: Visit) -> bool:
    """Tell whether a request asks the databases more often than it did for fewer rows.

    Args:
        before: The request that was granted.
        after: The same with more rows. On a slow machine it may have taken too long to end.
    """
    is_longer = len(after.text) > len(before.text) if after.opens else not after.ended
    return (
        before.opens
        and is_longer
        and asked(after) - asked(before) >= GROWTH
        and repeated(after, before)[1] >= GROWTH
    )


def _finding(scene: Scene, before: Visit, after: Visit, said: str) -> Finding:
    more, times = repeated(after, before)
    return scene.finding(
        "budget",
        # What is known of it says the same, however long the last one took.
        f"{before}, and asks the database more often the more rows there are: {said}.",
        evidence=f"{times} times more: {more}",
        fix="Load what belongs to the rows together with them: selectinload, or a join.",
    )


def _kind_in_text(scene: Scene) -> type[Any] | None:
    """Return the class whose rows a text tells of, such as an export or a page."""
    if scene.granted.json is not None or not scene.granted.text:
        return None
    ours = scene.world.ours
    segments = [it for it in scene.operation.path.split("/") if it and "{" not in it]
    called = (all_models().called(it) for it in reversed(segments))
    shown = (all_models().of_table(it) for it, row in ours.items() if _shows(scene, row))
    found = next((it for it in (*called, *shown) if it and it.table.fullname in ours), None)
    return None if found is None else found.kind


def _shows(scene: Scene, row: Row) -> bool:
    return shown_in(scene.granted, row, scene.world.theirs) is not None


def _questions(visit: Visit) -> list[Statement]:
    return [it for it in visit.statements if not _NO_QUESTION.match(it.sql)]


def asked(visit: Visit) -> int:
    """Return how many statements a request asked the databases."""
    return len(_questions(visit))


def repeated(visit: Visit, before: Visit) -> tuple[Statement, int]:
    """Return the statement that was sent more often than before, and how much more often."""
    now = Counter(_form(it) for it in _questions(visit))
    now.subtract(_form(it) for it in _questions(before))
    form, times = now.most_common(1)[0]
    return next(it for it in reversed(_questions(visit)) if _form(it) == form), times


def _form(statement: Statement) -> str:
    """Return a statement without its values: they may stand in it."""
    return _VALUE.sub("?", " ".join(statement.sql.split()))
