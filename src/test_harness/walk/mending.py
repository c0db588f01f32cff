"""What may be granted where a request was not: by what the answer says, and what was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column

from test_harness.walk.complaints import Complaint, complaints_in, headers_asked_for
from test_harness.walk.evidence import compared_columns
from test_harness.walk.fitting import MISSING, merged, narrowed
from test_harness.walk.flows import login_symbol
from test_harness.walk.hints import is_there, payload_of_model, spoken_of, symbol_of
from test_harness.walk.models import Models, fits_type, snake
from test_harness.walk.operation import Operation, Parameter, Schema
from test_harness.walk.payloads import Payload, sent_in
from test_harness.walk.recipe import Recipe, Symbol
from test_harness.walk.values import Hint, value_for
from test_harness.walk.visit import Visit

OTHERS = ("member", "stranger", "admin")


class Mender:
    """Makes the first recipe of an operation, and others out of what came of it.

    Args:
        operation: The operation.
        world: Has the rows and the principals.
        models: The classes of the application.
        hint: Knows values by their names.
    """

    def __init__(self, operation: Operation, world: Any, models: Models, hint: Hint) -> None:
        self.operation, self.world, self.models, self.hint = operation, world, models, hint
        self.model = spoken_of(operation, models)
        self.payload = Payload(operation, hint)
        self._before = _segments_before(operation.path)

    def first(self, principal: str) -> Recipe:
        """Return what is tried first."""
        path = {
            name: self.of_path(name)[0] for name in re.findall(r"\{(\w*)\}", self.operation.path)
        }
        query = {
            one.name: self._of_parameter(one)
            for one in self.operation.parameters_in("query")
            if one.required
        }
        headers = {
            one.name: self._of_parameter(one)
            for one in self.operation.parameters_in("header")
            if one.required and one.name.lower() not in {"authorization", "cookie", "host"}
        }
        recipe = Recipe(principal, path=path, query=query, headers=headers)
        return self.payload.first(recipe)

    def of_path(self, name: str, said: Schema | None = None) -> list[Any]:
        """Return the values that a parameter of the path may have, the likeliest first.

        Args:
            name: Of the parameter.
            said: What an answer says of it.
        """
        one = next((it for it in self.operation.parameters_in("path") if it.name == name), None)
        schema = merged([dict(said or {}), one.schema if one else {}])
        if narrowed(schema).get("enum"):
            return list(narrowed(schema)["enum"])
        columns = self.models.meant(name, self._before.get(name, ""), self.model)
        found = [it for column in columns for it in self._rows(column, schema)]
        return [*found, value_for(schema, name, _only_text(self.hint))]

    def _rows(self, column: Column[Any], schema: Schema) -> Iterator[Symbol]:
        if fits_type(column, narrowed(schema)) and is_there(column, self.world):
            yield symbol_of(column)

    def _of_parameter(self, one: Parameter) -> Any:
        name = re.sub(r"^x[_-]", "", snake(one.name))
        for column in self.models.meant(name, name):
            for symbol in self._rows(column, one.schema):
                return symbol
        return value_for(one.schema, name, self.hint)

    # ------------------------------------------------------------------------------ what is said

    def complained(self, recipe: Recipe, visit: Visit) -> Iterator[Recipe]:
        """Yield recipes without what an answer complains of."""
        said = complaints_in(visit) if visit.status not in {404, 405} else []
        mended = recipe
        if _wants_payload(visit, said) and self.operation.writes and sent_in(recipe) is None:
            mended = self.payload.put(recipe, {})
        for complaint in said:
            mended = self._without(mended, complaint)
        if mended != recipe:
            yield mended

    def asked_for(self, recipe: Recipe, visit: Visit) -> Iterator[Recipe]:
        """Yield recipes with the headers that an answer speaks of."""
        if visit.status == 401 and "basic" in visit.headers.get("www-authenticate", "").lower():
            login = login_symbol()
            if login is not None:
                shown = Symbol("basic", login.of)
                yield self._plus(recipe, "Authorization", shown)
        for name in headers_asked_for(visit):
            if name.lower() not in {it.lower() for it in recipe.headers}:
                yield from self._with_header(recipe, name)

    def _without(self, recipe: Recipe, complaint: Complaint) -> Recipe:
        names = complaint.names
        if not names:
            return recipe
        first = str(names[0])
        place = complaint.place or self._place_of(first, recipe)
        if place == "path" and first in recipe.path:
            options = self.of_path(first, complaint.schema())
            return recipe.but(path={**recipe.path, first: options[0]})
        if place in {"query", "header"}:
            held = recipe.query if place == "query" else recipe.headers
            known = next((it for it in self.operation.parameters if it.name == first), None)
            if complaint.has_too_much:
                changed = {key: one for key, one in held.items() if key != first}
            else:
                schema = merged([complaint.schema(), known.schema if known else {}])
                changed = {**held, first: self._of_parameter(Parameter(first, place, schema))}
            return recipe.but(**{"query" if place == "query" else "headers": changed})
        return self.payload.without(recipe, complaint) if place == "body" else recipe

    def _place_of(self, name: str, recipe: Recipe) -> str:
        for one in self.operation.parameters:
            if one.name == name:
                return one.place
        has_payload = any(it is not None for it in (recipe.json, recipe.form, recipe.files))
        return "body" if has_payload or self.operation.writes else "query"

    def _with_header(self, recipe: Recipe, name: str) -> Iterator[Recipe]:
        low = name.lower()
        if low in {"if-match", "if-unmodified-since"}:
            for column in ("version", "etag", "version_id"):
                version = self.model.column(column) if self.model is not None else None
                if version is not None and is_there(version, self.world):
                    yield self._plus(recipe, name, symbol_of(version))
            source = "ETag" if low == "if-match" else "Last-Modified"
            before = f"GET {self.operation.path}"
            yield self._plus(recipe, name, Symbol("header", source)).but(after=(before,))
            yield self._plus(recipe, name, "*")
            return
        yield self._plus(recipe, name, self._of_parameter(Parameter(name, "header")))
        thing = self.models.called(re.sub(r"^x_|_(id|slug|key|name|code)$", "", snake(name)))
        for known in thing.by_name() if thing is not None else ():
            if is_there(known, self.world):
                yield self._plus(recipe, name, symbol_of(known))

    def _plus(self, recipe: Recipe, name: str, value: Any) -> Recipe:
        return recipe.but(headers={**recipe.headers, name: value})

    # ------------------------------------------------------------------------ what was asked for

    def evident(self, recipe: Recipe, visit: Visit) -> Iterator[Recipe]:
        """Yield recipes with the rows that the application asked its database for."""
        sent = {name: _said(visit, self.operation, name) for name in recipe.path}
        changed = dict(recipe.path)
        for name, value in sent.items():
            for table, column in compared_columns(visit, value):
                model = self.models.of_table(table)
                known = model.column(column) if model is not None else None
                if known is not None and is_there(known, self.world):
                    changed[name] = symbol_of(known)
                    break
        if changed != recipe.path:
            yield recipe.but(path=changed)

    def varied(self, recipe: Recipe, visit: Visit) -> Iterator[Recipe]:
        """Yield recipes that differ in one thing: another row, other fields, another user."""
        if visit.status in {0, 403, 404, 409, 422, 400, 500}:
            for name in recipe.path:
                options = [it for it in self.of_path(name) if it != recipe.path[name]]
                options += self._other_users(recipe.path[name])
                for option in options[:4]:
                    yield recipe.but(path={**recipe.path, name: option})
        yield from self.payload.varied(recipe, visit, self._other_rows)
        if (
            self.operation.writes
            and not self.operation.body
            and visit.status in {0, 400, 415, 422, 500}
        ):
            made = payload_of_model(self.model, self.world) if self.model is not None else {}
            if made:
                yield self.payload.put(recipe, made)
            yield recipe.but(json=None, form=None, files={"file": "picture.png"})

    def _other_rows(self, value: Any) -> list[Symbol]:
        """Return what may be said in the place of a row of ours: other users, the other side's."""
        users = self._other_users(value)
        if isinstance(value, Symbol) and value.kind == "row":
            table, _, column = value.of.rpartition(".")
            if (self.world.theirs.get(table) or {}).get(column) is not None:
                users.append(Symbol("theirs", value.of))
        return users

    def _other_users(self, value: Any) -> list[Symbol]:
        if not isinstance(value, Symbol) or value.kind != "row":
            return []
        table, _, column = value.of.rpartition(".")
        owner = self.world.principals.get("owner")
        row = self.world.ours.get(table) or {}
        if owner is None or owner.user is None or owner.user.get(column) != row.get(column):
            return []
        return [
            Symbol("user", f"{name}.{column}")
            for name in OTHERS
            if name in self.world.principals
            and (self.world.principals[name].user or {}).get(column)
        ]


def _wants_payload(visit: Visit, said: list[Complaint]) -> bool:
    """Tell whether an answer says that there is no payload at all."""
    is_named = any(one.place == "body" and not one.names for one in said)
    return is_named or bool(
        re.search(r"(?i)json|\bbody\b|payload", f"{visit.text[:2000]} {visit.error}")
    )


def _only_text(hint: Hint) -> Hint:
    """Return a hint without rows: those of a path are found in another way."""

    def known(name: str, schema: Schema) -> Any:
        value = hint(name, schema)
        return MISSING if isinstance(value, Symbol) else value

    return known


def _segments_before(path: str) -> Mapping[str, str]:
    """Return what each parameter of a path stands behind: the last segment that is fixed."""
    found: dict[str, str] = {}
    before = ""
    for part in path.split("/"):
        names = re.findall(r"\{(\w*)\}", part)
        for name in names:
            found[name] = before
        if part and not names:
            before = part
    return found


def _said(visit: Visit, operation: Operation, name: str) -> str:
    """Return what a request had in the place of a parameter."""
    pattern = re.escape(operation.path).replace(r"\{", "{").replace(r"\}", "}")
    for other in set(re.findall(r"\{(\w*)\}", pattern)):
        group = f"(?P<{other}>.+?)" if other == name else "(?:.+?)"
        pattern = pattern.replace(f"{{{other}}}", group, 1)
    found = re.fullmatch(pattern, visit.request.path)
    return found[name] if found and name in found.groupdict() else ""
