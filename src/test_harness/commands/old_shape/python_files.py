"""Rewrites what a Python file says of the old machinery, and leaves every other character alone."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import PurePosixPath

import test_harness
from test_harness.commands.old_shape.homes import (
    ENGINE,
    attribute_home,
    module_home,
    name_home,
    split,
    was_ours,
    way_out,
)
from test_harness.commands.old_shape.import_order import from_import, in_order, tree_of
from test_harness.commands.old_shape.mentions import Left, OldProject

IMPORTED_MODULE = re.compile(r"from(?P<space>[\s\\]*)(?P<module>\.*\s*[\w.]*)")
LITERAL = re.compile(r"[rRuU]?(\"\"\"|'''|\"|')(?P<value>.*)\1", re.DOTALL)


class UncertainError(Exception):
    """A line whose successor is not certain; the message says why, and `fix` what to do."""

    def __init__(self, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.fix = fix


@dataclass(frozen=True)
class Edit:
    """Other characters in the place of some."""

    start: int
    end: int
    text: str


def rewritten(
    source: str, project: OldProject, name: str, spared: Sequence[range] = ()
) -> tuple[str, list[Left]]:
    """Return a file as it has to be for the engine, and the lines that a person has to see to.

    Args:
        source: What the file says.
        project: The project.
        name: The file's path in it.
        spared: Lines that somebody else sees to.
    """
    if "harness" not in source:
        return source, []
    try:
        file = _File(source, project, name)
    except (SyntaxError, tokenize.TokenError) as error:
        return source, list(unread(source, project, f"It cannot be read: {error}"))
    spares = {line for lines in spared for line in lines}
    edits: list[Edit] = []
    left: list[Left] = []
    for line, change in file.changes():
        if line in spares:
            continue
        if isinstance(change, UncertainError):
            left.append(Left(line, file.line(line), str(change), change.fix))
        else:
            edits.append(change)
    result = source
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        result = result[: edit.start] + edit.text + result[edit.end :]
    try:
        return in_order(source, result), sorted(left, key=lambda one: one.line)
    except SyntaxError as error:
        return source, list(unread(source, project, f"It would not be Python afterwards: {error}"))


def unread(source: str, project: OldProject, reason: str) -> Iterator[Left]:
    """Find the lines that mention the old machinery in a file that is not to be rewritten.

    Args:
        source: What the file says.
        project: The project.
        reason: Why it is not.
    """
    words = re.compile(r"^\s*(?:from|import)\s+harness\b(?!\.)")
    for number, line in enumerate(source.splitlines(), start=1):
        whole = words.search(line) and not project.has_own_harness
        if whole or project.is_mentioned(line):
            fix = "write what is in its place; `test_harness` has what is public."
            yield Left(number, line.strip(), f"{reason}.", fix)


class _File:
    """A Python file, its tree, and where in the text each node is."""

    def __init__(self, source: str, project: OldProject, name: str) -> None:
        self.source = source
        self.project = project
        self.name = name
        self.tree = tree_of(source)
        self.starts = [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", source))]
        self.comments = [
            token
            for token in tokenize.generate_tokens(io.StringIO(source, newline="").readline)
            if token.type == tokenize.COMMENT
        ]

    def line(self, number: int) -> str:
        """Return a line, without what surrounds it."""
        return self.source[self.starts[number - 1] :].split("\n", 1)[0].strip()

    def changes(self) -> Iterator[tuple[int, Edit | UncertainError]]:
        """Find all that has to be changed: the number of a line, and what to do there."""
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                yield from self._guarded(node, self._imported(node))
        yield from self._chains()
        yield from self._texts()

    def _guarded(
        self, node: ast.stmt | ast.expr, edits: Iterator[Edit]
    ) -> Iterator[tuple[int, Edit | UncertainError]]:
        """All edits of a node or none of them."""
        try:
            yield from [(node.lineno, edit) for edit in edits]
        except UncertainError as error:
            yield node.lineno, error

    # ------------------------------------------------------------------------------- imports

    def _imported(self, node: ast.Import | ast.ImportFrom) -> Iterator[Edit]:
        if isinstance(node, ast.ImportFrom):
            module = self._module_of(node)
            if module is not None:
                yield from self._from_import(node, module)
            return
        for alias in node.names:
            module = self.project.ours(alias.name)
            if module is None or (module and self.project.is_kept(module)):
                continue
            if self.project.has_own_harness and not was_ours(module):
                continue
            self._is_not_theirs(module)
            yield self._plain_import(alias, module)

    def _module_of(self, node: ast.ImportFrom) -> str | None:
        """Return what follows `harness.` in the name of the module that is imported from."""
        if not node.level:
            return self.project.ours(node.module or "")
        package = PurePosixPath(self.name).parts[: -node.level]
        absolute = (*package, *(node.module or "").split(".")) if node.module else package
        if absolute[:2] == (self.project.tests, "harness"):
            return ".".join(absolute[2:])
        if absolute == (self.project.tests,) and any(one.name == "harness" for one in node.names):
            raise UncertainError(
                "It imports the old machinery as a whole.",
                "import what it needs from `test_harness`.",
            )
        return None

    def _plain_import(self, alias: ast.alias, module: str) -> Edit:
        if not module:
            if alias.asname or not self._names_are_public():
                raise UncertainError(
                    "It imports the old machinery as a whole, and more of it than is public.",
                    "import what it needs from `test_harness`.",
                )
            return self._edit(alias, alias.name, ENGINE)
        home = module_home(module)
        if home is None:
            raise UncertainError(f"The engine has no harness.{module}.", f"{way_out(module)}.")
        if not alias.asname and (self._is_bound_otherwise or not alias.name.startswith("harness.")):
            raise UncertainError(
                "The name `harness` means more than one thing in this file.",
                f"import {home}, and write that where the name is used.",
            )
        return self._edit(alias, alias.name, home)

    def _names_are_public(self) -> bool:
        chains = [rest for _, rest in self._chains_of_ours()]
        return bool(chains) and all(_public(rest) for rest in chains)

    def _from_import(self, node: ast.ImportFrom, module: str) -> Iterator[Edit]:
        names = [alias.name for alias in node.names]
        below = [f"{module}.{name}".lstrip(".") for name in names]
        if module and self.project.is_kept(module):
            return
        if all(self.project.is_kept(name) for name in below):
            return
        if self.project.has_own_harness and not all(
            map(was_ours, below if not module else [module])
        ):
            return
        self._is_not_theirs(*(below if not module else [module]))
        homes = [
            # What they put there themselves is where it was.
            ("." * node.level + (node.module or ""), name)
            if self.project.is_kept(one)
            else self._home_of(module, name)
            for name, one in zip(names, below, strict=True)
        ]
        targets = sorted({target for target, _ in homes})
        if len(targets) > 1:
            yield self._broken_up(node, homes)
            return
        start, end = self._span(node)
        found = IMPORTED_MODULE.match(self.source, start, end)
        assert found is not None
        space = found["space"] or " "
        yield Edit(start, found.end(), f"from{space}{targets[0]}")
        for alias, (_, name) in zip(node.names, homes, strict=True):
            if alias.name != name:
                # What follows an `as` stays as it is.
                now = name if alias.asname else _renamed(alias, name)
                yield self._edit(alias, alias.name, now)

    def _home_of(self, module: str, name: str) -> tuple[str, str]:
        if name == "*":
            home = module_home(module)
            found = (home, name) if home and module else None
        else:
            found = name_home(module, name)
        if found is None:
            old = f"harness.{module}".rstrip(".")
            raise UncertainError(f"The engine has no {name} of {old}.", f"{way_out(module, name)}.")
        return found

    def _broken_up(self, node: ast.ImportFrom, homes: Sequence[tuple[str, str]]) -> Edit:
        """One import as several, because its names have several homes now."""
        start, end = self._span(node)
        if any(start <= self._at(*comment.start) < end for comment in self.comments):
            raise UncertainError(
                "Its names have several homes now, and there are comments between them.",
                "; ".join(
                    f"`from {target} import {alias.name}`"
                    for alias, (target, _) in zip(node.names, homes, strict=True)
                )
                + ".",
            )
        groups: dict[str, list[str]] = {}
        for alias, (target, name) in zip(node.names, homes, strict=True):
            groups.setdefault(target, []).append(_renamed(alias, name))
        before = self.source[self.starts[node.lineno - 1] : start]
        after = self.source[end:].split("\n", 1)[0].strip()
        alone = not before.strip() and not after.startswith(";")
        newline = "\r\n" if "\r\n" in self.source else "\n"
        lines = [
            from_import(target, names, before if alone else "")
            for target, names in sorted(groups.items())
        ]
        joined = f"\n{before}".join(lines) if alone else "; ".join(lines)
        return Edit(start, end, joined.replace("\n", newline))

    # ----------------------------------------------------------------- names where they are used

    @cached_property
    def _is_imported_plainly(self) -> bool:
        """Whether `harness` is what an import of the old machinery bound."""
        return any(
            isinstance(node, ast.Import)
            and any(
                not alias.asname and alias.name.split(".")[0] == "harness" for alias in node.names
            )
            for node in ast.walk(self.tree)
        )

    @cached_property
    def _is_bound_otherwise(self) -> bool:
        return any(
            (isinstance(node, ast.Name) and node.id == "harness" and not _is_read(node))
            or (isinstance(node, ast.arg) and node.arg == "harness")
            or getattr(node, "name", None) == "harness"
            or getattr(node, "asname", None) == "harness"
            for node in ast.walk(self.tree)
            if not (isinstance(node, ast.alias) and node.asname is None)
        )

    def _chains_of_ours(self) -> Iterator[tuple[ast.Attribute, str]]:
        """Find `harness.a.b.c` where it is used: the whole of it."""
        inner = {id(node.value) for node in ast.walk(self.tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute) and id(node) not in inner:
                dotted = _dotted(node)
                if dotted is not None and dotted.startswith("harness."):
                    yield node, dotted.removeprefix("harness.")

    def _chains(self) -> Iterator[tuple[int, Edit | UncertainError]]:
        if not self._is_imported_plainly or self._is_bound_otherwise:
            return
        for node, rest in self._chains_of_ours():
            if not self.project.is_kept(rest):
                yield from self._guarded(node, self._chain(node, rest))

    @cached_property
    def _imported_homes(self) -> set[str]:
        """The modules of the engine that this file will import by their names, and those above."""
        found = set()
        for node in ast.walk(self.tree):
            for alias in node.names if isinstance(node, ast.Import) else ():
                parts = (module_home(self.project.ours(alias.name) or "") or "").split(".")
                found |= {".".join(parts[:end]) for end in range(2, len(parts) + 1)}
        return found

    def _chain(self, node: ast.Attribute, rest: str) -> Iterator[Edit]:
        module, names = split(rest)
        name = names.partition(".")[0]
        home = attribute_home(module, name) if name else module_home(module)
        if _public(rest):
            now = f"{ENGINE}.{names}"
        elif home in self._imported_homes:
            now = ".".join(filter(None, (home, names)))
        else:
            raise UncertainError(
                f"Nothing in this file imports what harness.{rest} is in the engine.",
                f"{way_out(module, name)}.",
            )
        yield self._edit(node, f"harness.{rest}", now)

    # ---------------------------------------------------------------------- comments and texts

    def _texts(self) -> Iterator[tuple[int, Edit | UncertainError]]:
        for comment in self.comments:
            start = self._at(*comment.start)
            yield from self._documentation(comment.start[0], start, start + len(comment.string))
        of_parts: set[int] = set()
        documentation: set[int] = set()
        programs: set[int] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.JoinedStr):
                of_parts |= {id(part) for part in ast.walk(node)} - {id(node)}
            elif isinstance(node, ast.Expr):
                documentation.add(id(node.value))
            elif isinstance(node, (ast.List, ast.Tuple, ast.Call)):
                items = node.args if isinstance(node, ast.Call) else node.elts
                programs |= {
                    id(item)
                    for before, item in pairwise(items)
                    if isinstance(before, ast.Constant) and before.value == "-m"
                }
        for node in ast.walk(self.tree):
            if id(node) in of_parts:
                continue
            if isinstance(node, ast.JoinedStr):
                yield from self._guarded(node, self._put_together(node))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                if id(node) in documentation:
                    yield from self._documentation(node.lineno, *self._span(node))
                else:
                    yield from self._text(node, node.value, is_program=id(node) in programs)

    def _documentation(self, line: int, start: int, end: int) -> Iterator[tuple[int, Edit]]:
        """What nothing runs."""
        text = self.source[start:end]
        now = self.project.put_names_right(self.project.put_right(text))
        if now != text:
            yield line, Edit(start, end, now)

    def _put_together(self, node: ast.JoinedStr) -> Iterator[Edit]:
        text = "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
        if self.project.is_mentioned(text) or re.search(r"(?<![\w./-])harness\.\{", text):
            raise UncertainError(
                "A text that is put together while it runs mentions the old machinery.",
                "write what it is called now: `test_harness` and the module of the engine.",
            )
        return
        yield

    def _text(
        self, node: ast.Constant, value: str, *, is_program: bool
    ) -> Iterator[tuple[int, Edit | UncertainError]]:
        found = self.project.dotted.fullmatch(value)
        if found is None:
            now = self.project.put_right(value)
            if now != value:
                yield from self._guarded(node, self._literal(node, value, now))
            if self.project.is_mentioned(now) or re.search(r"\b(from|import) harness\b", now):
                yield (
                    node.lineno,
                    UncertainError(
                        "A text that the program uses mentions the old machinery.",
                        "write what is in its place; `test_harness` is the name of the engine.",
                    ),
                )
            return
        module = split(found["rest"])[0]
        if module and not self.project.is_kept(found["rest"]):
            if is_program:
                error = UncertainError(
                    f"It runs harness.{found['rest']} as a program.",
                    "`python -m test_harness` is the program now: `seed`, `check`, `factories`.",
                )
                yield node.lineno, error
            else:
                yield from self._guarded(node, self._name_in_a_text(node, value, found))

    def _name_in_a_text(
        self, node: ast.Constant, value: str, found: re.Match[str]
    ) -> Iterator[Edit]:
        """A name that is imported or replaced by what is given this text."""
        module, names = split(found["rest"])
        self._is_not_theirs(module)
        of_module = found["object"]
        names = of_module.removeprefix(":") if of_module else names
        name = names.partition(".")[0]
        home = attribute_home(module, name) if name else module_home(module)
        if of_module and name in test_harness.__all__:
            # Whoever reads a text of this form imports the name, and does not replace it.
            home = ENGINE
        if home is None:
            raise UncertainError(
                f"The engine has no {'.'.join(filter(None, (module, name)))}.",
                f"{way_out(module, name)}.",
            )
        joined = ":" if of_module else "."
        yield from self._literal(node, value, joined.join(filter(None, (home, names))))

    def _literal(self, node: ast.Constant, value: str, now: str) -> Iterator[Edit]:
        start, end = self._span(node)
        found = LITERAL.fullmatch(self.source, start, end)
        if found is None or found["value"] != value:
            raise UncertainError(
                "A text in several parts mentions the old machinery.", f"let it say {now!r}."
            )
        yield Edit(found.start("value"), found.end("value"), now)

    # ----------------------------------------------------------------------------------- places

    def _is_not_theirs(self, *modules: str) -> None:
        both = [module for module in modules if self.project.is_theirs(module)]
        if both:
            raise UncertainError(
                "The application has a package `harness` of its own with the same module: "
                f"{both[0] or 'harness'}.",
                "leave it if that one is meant; else import from `test_harness`.",
            )

    def _at(self, line: int, column: int) -> int:
        """Return where a character is, given by its line and how many characters precede it."""
        return self.starts[line - 1] + column

    def _span(self, node: ast.stmt | ast.expr | ast.alias) -> tuple[int, int]:
        """Return where a node begins and ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self._at(node.lineno, self._characters(node.lineno, node.col_offset)),
            self._at(node.end_lineno, self._characters(node.end_lineno, node.end_col_offset)),
        )

    def _characters(self, line: int, count: int) -> int:
        """Return how many characters so many bytes of a line are."""
        following = [*self.starts[line:], len(self.source)][0]
        text = self.source[self.starts[line - 1] : following]
        return len(text.encode("utf-8")[:count].decode("utf-8"))

    def _edit(self, node: ast.expr | ast.alias, old: str, new: str) -> Edit:
        """Return the edit that puts a name in the place of another, which the node begins with."""
        start, end = self._span(node)
        if not self.source[start:end].startswith(old):
            raise UncertainError(
                f"It writes {old} in a way that is not rewritten.", f"write {new} there."
            )
        return Edit(start, start + len(old), new)


def _renamed(alias: ast.alias, name: str) -> str:
    """Return how a name is imported that is called otherwise now, and stays what it is here."""
    here = alias.asname or (alias.name if name != alias.name else "")
    return f"{name} as {here}" if here else name


def _public(rest: str) -> bool:
    """Say whether a name below `harness` is one of the public names, or follows one."""
    module, names = split(rest)
    return was_ours(module) and names.partition(".")[0] in test_harness.__all__


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _dotted(node: ast.expr) -> str | None:
    """Return `a.b.c` for the expression that says so, None for others."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return None if before is None else f"{before}.{node.attr}"
    return None
