"""Finds a request that an operation grants, by trying: what an answer complains of is mended."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from test_harness.errors import HarnessError
from test_harness.settings import settings
from test_harness.walk.complaints import complaints_in
from test_harness.walk.flows import recipe_of, status_of_step
from test_harness.walk.hints import hints_for
from test_harness.walk.mending import Mender
from test_harness.walk.models import Models, all_models
from test_harness.walk.operation import Operation
from test_harness.walk.payloads import sent_in
from test_harness.walk.performing import Book, perform
from test_harness.walk.recipe import Recipe, Symbol
from test_harness.walk.states import shown, states
from test_harness.walk.steps import Steps
from test_harness.walk.visit import Visit

# Requests for one operation; what is not found by then a person knows better.
MOST = 16
_LOGIN = re.compile(r"(?i)log_?-?in|sign_?-?in|auth|account")
_SEEN = re.compile(r"(?i)last_|seen|updated|login|visit")
_TOKEN = re.compile(r"(?i)^((access|auth|id)_?)?(token|jwt)$")
_NEITHER = ("removed", "inactive", "stranger")


@dataclass(frozen=True)
class Found:
    """What was found for an operation.

    Args:
        operation: The operation.
        recipe: Of the request that was granted; None where none was.
        visit: The answer to it, or the best there was; None if nothing was sent.
        tries: How many requests it took.
        why: Why nothing was found, if it was not for an answer.
        tried: What came nearest, where nothing was granted.
    """

    operation: Operation
    recipe: Recipe | None = None
    visit: Visit | None = None
    tries: int = 0
    why: str = ""
    tried: Recipe | None = None

    @property
    def reached(self) -> bool:
        """Whether there is a request that is granted."""
        return self.recipe is not None and not self.recipe.skip


@dataclass(order=True)
class _Try:
    rank: tuple[float, int]
    recipe: Recipe = field(compare=False)


def find_request(
    operation: Operation, world: Any, book: Book | None = None, models: Models | None = None
) -> Steps[Found]:
    """Try requests until one is granted.

    Args:
        operation: What is to be reached.
        world: Has the rows and the principals.
        book: What was found for other operations.
        models: Those of the application.
    """
    return (yield from _Search(operation, world, book or Book(), models or all_models()).steps())


class _Search:
    def __init__(self, operation: Operation, world: Any, book: Book, models: Models) -> None:
        self.operation, self.world, self.book = operation, world, book
        self.models = models
        self.mender = Mender(operation, world, models, hints_for(operation, world, models))
        self.principals = order_of(operation, world)
        self._waiting: list[_Try] = []
        self._seen: set[str] = set()

    def steps(self) -> Steps[Found]:
        """Send what looks best, until it is granted or there is nothing left to try."""
        for recipe in self._first():
            self._add(recipe, 9)
        best: tuple[int, Recipe, Visit] | None = None
        tries, why = 0, ""
        while self._waiting and tries < MOST:
            recipe = heapq.heappop(self._waiting).recipe
            try:
                visit = yield from perform(self.operation, recipe, self.world, self.book)
            except HarnessError as error:
                why = error.problem
                continue
            tries += 1
            grade = grade_of(self.operation, visit)
            if best is None or grade > best[0]:
                best = (grade, recipe, visit)
            if grade >= GRANTED:
                best = (grade, *(yield from self._with_rows(recipe, visit)))
                break
            for mended, rank in self._mended(recipe, visit):
                self._add(mended, rank)
        if best is None:
            return Found(self.operation, why=why or "there is nobody to ask as")
        grade, recipe, visit = best
        granted = recipe.but(status=visit.status) if grade >= ACCEPTED else None
        return Found(self.operation, granted, visit, tries, tried=recipe)

    def _with_rows(self, recipe: Recipe, visit: Visit) -> Steps[tuple[Recipe, Visit]]:
        """Return a request for a list that has our row, where it is in one state of it only."""
        if self.operation.method != "GET" or not visit.is_empty_list:
            return recipe, visit
        for mended in shown(self.operation, recipe, visit, self.world, self.models):
            try:
                again = yield from perform(self.operation, mended, self.world, self.book)
            except HarnessError:
                continue
            if again.status == visit.status and not again.is_empty_list:
                return mended, again
        return recipe, visit

    def _add(self, recipe: Recipe, rank: float) -> None:
        shown = repr(recipe)
        if shown not in self._seen:
            self._seen.add(shown)
            heapq.heappush(self._waiting, _Try((-rank, len(self._seen)), recipe))

    def _first(self) -> Iterator[Recipe]:
        flow = recipe_of(self.operation, self.book.operations)
        first = self.mender.first(self.principals[0])
        if flow is not None:
            yield flow.but(path={**first.path, **flow.path})
        yield first

    def _after(self, principal: str) -> list[str]:
        known = self.principals
        return known[known.index(principal) + 1 :] if principal in known else known

    def _mended(self, recipe: Recipe, visit: Visit) -> Iterator[tuple[Recipe, float]]:
        """Yield what may be granted instead, with how likely that is."""
        refused = visit.status in {401, 403} or is_sent_to_login(visit)
        for mended in self.mender.complained(recipe, visit):
            # What was mended last goes on first: each answer names the next thing that is wrong.
            yield mended, 4 if refused else 8 + len(self._seen) / 1000
        for mended in self.mender.asked_for(recipe, visit):
            yield mended, 8
        for name, place in self.book.tokens.items() if visit.status == 401 else ():
            # Who logs in elsewhere with what is shown here.
            shown = {**recipe.headers, "Authorization": Symbol("bearer", place)}
            yield recipe.but(after=(name,), headers=shown), 5
        for mended in self._with_token(recipe, visit):
            yield mended, 6
        for mended in self.mender.payload.sent_otherwise(recipe, visit):
            yield mended, 8 if visit.status in {413, 415} else 6
        if visit.status == 404 or visit.error or visit.status in {400, 403, 409, 422, 500}:
            for mended in self.mender.evident(recipe, visit):
                yield mended, 7
        yield from self._elsewhere(recipe, visit, refused=refused)
        if not refused:
            for mended in self.mender.varied(recipe, visit):
                yield mended, 5

    def _with_token(self, recipe: Recipe, visit: Visit) -> Iterator[Recipe]:
        """Yield the same request with what a login gave, where it has a token to say."""
        payload = sent_in(recipe)
        if not isinstance(payload, Mapping) or recipe.after or not visit.refuses:
            return
        for key in filter(_TOKEN.search, payload):
            for name, place in self.book.tokens.items():
                if name != str(self.operation):
                    said = {**payload, key: Symbol("answer", place)}
                    yield self.mender.payload.put(recipe, said).but(after=(name,))

    def _elsewhere(
        self, recipe: Recipe, visit: Visit, *, refused: bool
    ) -> Iterator[tuple[Recipe, float]]:
        """Yield the same request in other states, and of others."""
        if visit.status in {0, 400, 403, 404, 409, 422, 500} and not complaints_in(visit):
            for mended in states(self.operation, recipe, visit, self.world, self.models):
                if len(mended.rows) < 3:
                    yield mended, 7 if visit.status in {0, 409} else 5
        if refused or visit.status in {0, 404, 500}:
            # Who fails as well does not fail for want of a right: one other is enough to see that.
            is_first = recipe.principal == self.principals[0]
            count = len(self.principals) if refused else 3 if visit.status == 404 else 1 * is_first
            for name in self._after(recipe.principal)[:count]:
                yield recipe.asked_as(name), 6 if refused else 3


GRANTED, ACCEPTED = 10, 8


def grade_of(operation: Operation, visit: Visit) -> int:
    """Return how near an answer is to what was wanted: `GRANTED`, `ACCEPTED` for want of a better.

    Args:
        operation: What was asked.
        visit: What came of it.
    """
    if visit.opens:
        return 7 if is_form_again(operation, visit) else GRANTED
    if 300 <= visit.status < 400:
        return _grade_elsewhere(operation, visit)
    if visit.status in {409, 412, 428}:
        return 6
    if visit.status in {400, 413, 415, 422}:
        return 5
    return {404: 4, 403: 2, 401: 1}.get(visit.status, 3)


def _grade_elsewhere(operation: Operation, visit: Visit) -> int:
    if wrote(visit):
        return GRANTED
    # Who has signed up, or is to read a mail, is sent to log in.
    ends = re.search(r"(?i)(log|sign)_?-?(out|off)", operation.path)
    is_meant = ends or visit.status == status_of_step(operation)
    if (is_sent_to_login(visit) and not is_meant) or is_sent_back(visit):
        return 1
    # What is done and what is refused may be answered alike, as long as nothing is written.
    return ACCEPTED


def is_form_again(operation: Operation, visit: Visit) -> bool:
    """Tell whether a form was sent, changed nothing and was answered with a page: it is refused."""
    kind = visit.headers.get("content-type", "")
    sent = visit.request.form is not None or operation.encoding in {"form", "multipart"}
    is_page = "html" in kind and "<form" in visit.text
    return operation.writes and sent and is_page and not wrote(visit)


def is_empty_list(visit: Visit) -> bool:
    """Tell whether an answer is a list of no rows.

    Args:
        visit: The request and its answer.
    """
    held = visit.json
    lists = [one for one in held.values() if isinstance(one, list)] if _is_object(held) else [held]
    return visit.opens and len(lists) == 1 and lists[0] == []


def _is_object(held: Any) -> bool:
    return isinstance(held, Mapping)


def wrote(visit: Visit) -> bool:
    """Tell whether a request changed something, beyond when its user was seen last."""
    return any(
        one.before is None
        or one.after is None
        or any(
            one.after[name] != one.before.get(name) and not _SEEN.search(name) for name in one.after
        )
        for one in visit.changes
    )


def is_sent_to_login(visit: Visit) -> bool:
    """Tell whether who asked was sent to log in."""
    if not 300 <= visit.status < 400:
        return False
    target = urlsplit(location_of(visit)).path
    login = settings().auth.login_path if settings().auth.style != "none" else ""
    is_named = bool(re.search(r"(?i)(log|sign)_?-?in\b", target))
    return is_named or bool(login and target.rstrip("/") == login.rstrip("/"))


def is_sent_back(visit: Visit) -> bool:
    """Tell whether who asked was sent to the same path, but for a slash."""
    target = urlsplit(location_of(visit)).path
    return target.rstrip("/") == visit.request.path.rstrip("/")


def location_of(visit: Visit) -> str:
    """Return where an answer sends to."""
    return visit.headers.get("location", "")


def order_of(operation: Operation, world: Any) -> list[str]:
    """Return who may be granted an operation, the likeliest first.

    Args:
        operation: The operation.
        world: Has the principals.
    """
    known = [name for name in world.principals if name not in _NEITHER]
    usual = [name for name in ("owner", "admin") if name in known]
    roles = [name for name in known if name.startswith("role:")]
    rest = [name for name in known if name not in {*usual, *roles, "anonymous"}]
    flows = settings().flows
    paths = {settings().auth.login_path} | {
        getattr(flows, f"{it}_path")
        .rpartition(" ")[2]
        .partition("?")[0]
        .partition("$")[0]
        .rstrip("/")
        for it in ("signup", "verify", "refresh", "reset_request", "reset_confirm")
    }
    around = operation.path in paths - {""} or bool(
        re.search(
            r"(?i)(log|sign)_?-?(in|up)|regist|forg[oe]t|reset_?-?pass|password_?-?reset",
            operation.path,
        )
    )
    ordered = [*usual, *roles, *rest]
    return ["anonymous", *ordered] if around else [*ordered, "anonymous"]
