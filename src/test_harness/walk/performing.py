"""Sends what a recipe says, in a world: what comes before it, and what its symbols stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from test_harness.application.clients import ANONYMOUS, Credential
from test_harness.errors import HarnessError
from test_harness.scenarios.finding import find_scenario
from test_harness.walk.flows import login_symbol
from test_harness.walk.meaning import Course, ValueOf, cookies_of
from test_harness.walk.operation import Operation
from test_harness.walk.preparing import new_row, set_rows
from test_harness.walk.recipe import Recipe, Symbol, symbols_in
from test_harness.walk.steps import Aside, Sending, Steps
from test_harness.walk.visit import Visit


@dataclass
class Book:
    """The operations of the application, and the recipes that are known.

    Args:
        operations: All of them, by their names.
        recipes: Those that are known, by the names of their operations.
        tokens: Where in an answer there is a token, by the names of the operations that give one.
    """

    operations: Mapping[str, Operation] = field(default_factory=dict)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)


def perform(
    operation: Operation, recipe: Recipe, world: Any, book: Book, *, undone: bool = True
) -> Steps[Visit]:
    """Send what a recipe says, and return what came of it.

    Args:
        operation: What it is a recipe of.
        recipe: What is sent, and by whom.
        world: Has the rows and the principals.
        book: Has the recipes of what is sent before.
        undone: Whether what it writes is undone.

    Raises:
        HarnessError: The recipe names what is not there.
    """
    course = Course(credential_of(recipe, world))
    steps = _perform(operation, recipe, world, book, course, undone=undone)
    if undone and (recipe.after or recipe.rows or recipe.scenario or any(_new_rows(recipe))):
        visit: Visit = yield Aside(steps)
        return visit
    return (yield from steps)


def credential_of(recipe: Recipe, world: Any) -> Credential:
    """Return what the principal of a recipe shows.

    Raises:
        HarnessError: There is no such principal, or the application does not log it in.
    """
    if recipe.principal == "anonymous" and recipe.principal not in world.principals:
        return ANONYMOUS
    if recipe.principal in world.absent:
        raise world.error_of(recipe.principal)
    if recipe.principal not in world.principals:
        raise HarnessError(
            f"{recipe.where or 'A request'} is sent as {recipe.principal!r}, who is nobody here.",
            f"Use one of {', '.join(sorted(world.principals))}.",
        )
    found: Credential = world.principals[recipe.principal].credential
    return found


def _perform(
    operation: Operation, recipe: Recipe, world: Any, book: Book, course: Course, *, undone: bool
) -> Steps[Visit]:
    for name in recipe.after:
        if not {name} <= book.operations.keys() & book.recipes.keys() or name in course.doing:
            raise HarnessError(
                f"{recipe.where or operation} comes after {name!r}, which has no request itself.",
                "Write a table for it, or name another operation.",
            )
        before, its_recipe = book.operations[name], book.recipes[name]
        if recipe.shown:
            its_recipe = on_behalf(its_recipe, recipe.principal)
        its_course = Course(credential_of(its_recipe, world), doing=course.doing | {str(operation)})
        course.visit = yield from _perform(
            before, its_recipe, world, book, its_course, undone=False
        )
        course.credential = with_cookies(course.credential, course.visit)
    if recipe.rows:
        yield lambda: set_rows(recipe, world)
    if recipe.scenario:
        course.made = yield scenario_of(recipe)
    for table in dict.fromkeys(_new_rows(recipe)):
        course.new[table] = yield partial(new_row, table, recipe, world)
    if recipe.shown and course.visit is not None and course.visit.refuses:
        recipe = recipe.unshown()  # Who is not let in has nothing to show.
    value_of = ValueOf(recipe, world, course)
    request = recipe.request(operation, value_of)
    visit: Visit = yield Sending(request, recipe.principal, course.credential, undone)
    return visit


def on_behalf(recipe: Recipe, who: str) -> Recipe:
    """Return how somebody gets what they show, where the owner gets it with a recipe.

    Args:
        recipe: Of what answers with it.
        who: The name of who is to show it.
    """
    login = login_symbol()
    if who in {"anonymous", "owner"} or login is None:
        return recipe
    table = login.of.rpartition(".")[0]

    def theirs(value: Any) -> Any:
        if isinstance(value, Symbol) and value.kind == "row":
            of, _, column = value.of.rpartition(".")
            return Symbol("user", f"{who}.{column}") if of == table else value
        if isinstance(value, Mapping):
            return {key: theirs(one) for key, one in value.items()}
        return [theirs(one) for one in value] if isinstance(value, list) else value

    said = {name: theirs(getattr(recipe, name)) for name in ("path", "query", "json", "form")}
    principal = recipe.principal if recipe.principal == "anonymous" else who
    return recipe.but(principal=principal, **said)


def scenario_of(recipe: Recipe) -> Callable[[], Any]:
    """Return the scenario that a recipe names.

    Raises:
        HarnessError: There is none of that name.
    """
    try:
        return find_scenario(recipe.scenario)
    except HarnessError as error:
        raise HarnessError(f"{recipe.where}: {error.problem}", error.fix) from None


def with_cookies(credential: Credential, visit: Visit) -> Credential:
    """Return what a client shows after an answer: it keeps its cookies."""
    kept = {**credential.cookies, **cookies_of(visit)}
    return replace(credential, cookies=kept)


def _new_rows(recipe: Recipe) -> Iterator[str]:
    held = (recipe.path, recipe.query, recipe.headers, recipe.json, recipe.form)
    symbols = (one for it in held for one in symbols_in(it))
    return (one.of.rpartition(".")[0] for one in symbols if one.kind == "new")
