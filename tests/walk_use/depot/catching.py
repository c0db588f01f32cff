"""Has all oracles look at a route of one variant of the depot, and tells what they said."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import depot
from recipes import RECIPES

from test_harness.project import suite_dir
from test_harness.walk.access import append_access
from test_harness.walk.exploring import written
from test_harness.walk.looking import oracles_of, seen_by_all
from test_harness.walk.operation import Operation
from test_harness.walk.operations import operations_of
from test_harness.walk.oracles import matrix
from test_harness.walk.performing import Book, perform
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.world import build_world

FAMILIES = ("access", "input", "answers")
# What is said under one name, in several modules.
MODULES = {
    "access": ["matrix"],
    "budget": ["budget"],
    "ends": ["demoted", "ends", "expired", "gone"],
    "granted": [],
    "headers": ["headers"],
    "identity": ["cached", "identity"],
    "injection": ["injection", "markup", "redirects"],
    "limits": ["limits"],
    "lists": [
        "deleted",
        "directions",
        "filters",
        "moderated",
        "pages",
        "ranges",
        "searching",
        "tagged",
        "unpublished",
    ],
    "mass assignment": ["mass_assignment"],
    "odd input": ["odd_input"],
    "partial": ["kept"],
    "private fields": ["private_fields"],
    "tenancy": ["apart", "grants", "mixed", "repeated", "tagged", "tenancy", "trash", "widening"],
    "unique case": ["unique_case"],
    "untouched": ["untouched"],
    "uploads": ["uploads"],
}


@dataclass(frozen=True)
class Variant:
    """The depot with one thing otherwise.

    Args:
        what: Is otherwise.
        module: Where the application is.
        route: Where it shows.
        oracle: Which is to say so; empty for nobody.
        evidence: Part of what it says.
        takes: Whether the route takes something else than before, which is then read anew.
    """

    what: str
    module: str
    route: str
    oracle: str
    evidence: str
    takes: bool


def variants() -> list[Variant]:
    """Return all that are there."""
    return [
        Variant(**one)
        for one in json.loads(Path(depot.__file__).with_name("variants.json").read_text())
    ]


def load(name: str) -> Any:
    """Return the application of a variant."""
    return importlib.import_module(f"depot.{name}").app


def book_of(app: Any) -> Book:
    """Return the operations of an application with the requests that they are granted."""
    operations = {str(one): one for one in operations_of(app)}
    return Book(operations, {name: one for name, one in RECIPES.items() if name in operations})


def observe(operations: list[Operation], book: Book) -> Steps[None]:
    """Write what each principal is answered, for the matrix to compare with."""
    seen = yield from seen_by_all(written(operations), book)
    (suite_dir() / "access.toml").unlink(missing_ok=True)
    append_access(suite_dir() / "access.toml", seen, {})
    matrix._written.cache_clear()


def look(book: Book, route: str, name: str = "") -> Steps[list[str]]:
    """Have oracles look at a route, and return what they say.

    Args:
        book: Has the route.
        route: Its name.
        name: Of the oracles; all of them if it is empty.
    """
    operation, recipe = book.operations[route], book.recipes[route]
    world = yield from build_world()
    granted = yield from perform(operation, recipe, world, book)
    if granted.error or not (granted.opens or granted.status == recipe.status):
        return [f"granted: {granted}: {granted.error or granted.text[:300]}"]
    scene = Scene(operation, recipe, world, book, granted)
    said: list[str] = []
    for family in FAMILIES:
        for oracle in oracles_of(family):
            own = oracle.__name__.rpartition(".")[2]
            if oracle.applies(operation) and own in MODULES.get(name, [own]):
                said += map(str, (yield Aside(oracle.look(scene))))
    return said


def caught(variant: Variant, said: list[str]) -> bool:
    """Tell whether what was said is what was to be said."""
    own = [one for one in said if one.partition(":")[0] == variant.oracle]
    return any(variant.evidence in one for one in own) if variant.oracle else not said
