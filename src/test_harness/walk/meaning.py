"""What the symbols of a recipe stand for, in a world and after what was sent before."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import Morsel, SimpleCookie
from typing import Any

import pytest

from test_harness.application.clients import Credential
from test_harness.application.passwords import PASSWORD
from test_harness.auth.forms import inputs_of
from test_harness.errors import HarnessError
from test_harness.settings import settings
from test_harness.walk.recipe import Recipe, Symbol, now_plus
from test_harness.walk.visit import Visit


@dataclass
class Course:
    """What came before a request.

    Args:
        visit: The last request before it; None without one.
        made: What the scenario returned.
        credential: What is shown, with the cookies that were answered.
        new: Rows that were made for this request, by their tables.
        doing: The names of what is being prepared for.
    """

    credential: Credential
    visit: Visit | None = None
    made: Any = None
    new: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    doing: frozenset[str] = field(default_factory=frozenset)


def cookies_of(visit: Visit) -> dict[str, str]:
    """Return the cookies that an answer sets."""
    return {name: one.value for name, one in set_cookies_of(visit).items() if one.value}


def set_cookies_of(visit: Visit) -> dict[str, Morsel[str]]:
    """Return the cookies that an answer sets or deletes, with all that it says of them."""
    lines = [value for name, value in _pairs(visit.headers) if name.lower() == "set-cookie"]
    found: dict[str, Morsel[str]] = {}
    for line in lines:
        jar: SimpleCookie = SimpleCookie()
        jar.load(line)
        found |= jar
    return found


def _pairs(headers: Any) -> list[tuple[str, str]]:
    several = getattr(headers, "multi_items", headers.items)
    return list(several())


@dataclass
class ValueOf:
    """Returns what a symbol stands for.

    Args:
        recipe: Whose symbol it is.
        world: Has the rows and the principals.
        course: What came before.
    """

    recipe: Recipe
    world: Any
    course: Course

    def __call__(self, symbol: Symbol) -> Any:
        """Return it.

        Raises:
            HarnessError: There is no such thing.
        """
        return getattr(self, f"_{symbol.kind}")(symbol.of)

    def _days(self, of: int) -> Any:
        return now_plus(of).date()

    def _moment(self, of: int) -> Any:
        return now_plus(of)

    def _text(self, of: str) -> str:
        return of

    def _row(self, of: str) -> Any:
        return self._column(of, self.world.ours, "our side")

    def _theirs(self, of: str) -> Any:
        return self._column(of, self.world.theirs, "the other side")

    def _column(self, of: str, rows: Mapping[str, Mapping[str, Any]], side: str) -> Any:
        table, _, column = of.rpartition(".")
        if table not in rows:
            raise self.error(f"{of!r}: there is no row of {table!r} on {side}", sorted(rows))
        if column not in rows[table]:
            raise self.error(f"{of!r}: {table} has no column {column!r}", sorted(rows[table]))
        return rows[table][column]

    def _new(self, of: str) -> Any:
        return self._column(of, self.course.new, "what was made for this request")

    def _basic(self, of: str) -> str:
        principal = self.world.principals.get(self.recipe.principal)
        user = (principal.user if principal is not None else None) or {}
        column = of.rpartition(".")[2]
        pair = f"{user[column] if column in user else self._row(of)}:{PASSWORD}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"

    def _user(self, of: str) -> Any:
        name, _, column = of.rpartition(".")
        principal = self.world.principals.get(name)
        if principal is None or principal.user is None:
            raise self.error(f"{of!r}: nobody is called {name!r}", sorted(self.world.principals))
        if column not in principal.user:
            raise self.error(f"{of!r}: users have no {column!r}", sorted(principal.user))
        return principal.user[column]

    def _made(self, of: str) -> Any:
        found = self.course.made
        for name in filter(None, of.split(".")):
            within = found.get(name) if isinstance(found, Mapping) else getattr(found, name, None)
            if isinstance(found, (list, tuple)) and name.isdigit():
                within = found[int(name)] if int(name) < len(found) else None
            if within is None:
                raise self.error(f"{of!r}: what the scenario returns has no {name!r}", [])
            found = within
        return found

    def _answer(self, of: str) -> Any:
        found = self._before().json
        for name in of.split("."):
            if isinstance(found, list) and name.isdigit():
                found = found[int(name)] if int(name) < len(found) else None
            else:
                found = found.get(name) if isinstance(found, Mapping) else None
            if found is None:
                raise self.error(f"{of!r}: {self._before()}, without {name!r}", [])
        return found

    def _bearer(self, of: str) -> str:
        return f"{settings().auth.token_prefix} {self._answer(of)}".strip()

    def _cookie(self, of: str) -> str:
        found = {**self.course.credential.cookies, **cookies_of(self._before())}.get(of)
        if found is None:
            raise self.error(f"{of!r}: {self._before()}, and set no such cookie", [])
        return found

    def _header(self, of: str) -> str:
        headers = {name.lower(): value for name, value in _pairs(self._before().headers)}
        if of.lower() not in headers:
            raise self.error(f"{of!r}: {self._before()}, without this header", sorted(headers))
        return headers[of.lower()]

    def _input(self, of: str) -> str:
        value = inputs_of(self._before().text).get(of)
        if not value:
            raise self.error(f"{of!r}: {self._before()}, without this input", [])
        return value

    def _mail(self, of: str) -> str:
        from test_harness.doubles import mail

        address = of if "@" in of else str(self._row(of))
        try:
            return mail.sent().token_for(address)
        except (AssertionError, pytest.skip.Exception) as error:
            raise self.error(f"the token of a mail: {str(error).partition('.')[0]}", []) from None

    def _before(self) -> Visit:
        if self.course.visit is None:
            raise self.error("an answer, and nothing is sent before (after = [...])", [])
        return self.course.visit

    def error(self, problem: str, known: list[str]) -> HarnessError:
        """Return what is to be said of a symbol that stands for nothing.

        Args:
            problem: What the recipe wants.
            known: What it may say instead.
        """
        where = self.recipe.where or "A request"
        fix = f"Use one of {', '.join(known)}." if known else "Correct the line."
        return HarnessError(f"{where} wants {problem}.", fix)
