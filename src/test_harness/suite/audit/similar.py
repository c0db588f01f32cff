"""Tests that say the same, or nearly the same, as another one."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from test_harness.suite.reading.cases import Case

# Below that many statements tests are alike because they are short.
FEWEST_STATEMENTS = 4
# How much of two tests has to be the same, names and constants aside.
NEARLY = 0.85


class Alike(NamedTuple):
    """Two tests.

    Args:
        first: The one that comes first.
        second: The other.
        share: How much of their form is the same, from 0 to 1.
        is_same: Whether they say the same word for word.
    """

    first: Case
    second: Case
    share: float
    is_same: bool


def alike(cases: Iterable[Case]) -> list[Alike]:
    """Return pairs of tests that say the same, and those that nearly do.

    Each later test is paired with the first that it is like. Nearly the same are tests of which
    most statements are equal once names and constants are left out (shingles of two statements,
    compared as Broder did with documents, "On the resemblance and containment of documents", 1997).
    """
    exact: dict[str, Case] = {}
    index: dict[str, list[tuple[Case, frozenset[str]]]] = defaultdict(list)
    found = []
    for case in cases:
        body = _body(case)
        if not body:
            continue
        text = "\n".join(ast.dump(one) for one in body) + ",".join(case.parameters)
        text += ",".join(ast.dump(one.node) for one in case.decorators)
        if text in exact:
            found.append(Alike(exact[text], case, 1.0, True))
            continue
        exact[text] = case
        if len(body) < FEWEST_STATEMENTS:
            continue
        shingles = _shingles(body)
        best = max(
            ((_share(shingles, other), first) for first, other in _near(shingles, index)),
            key=lambda pair: pair[0],
            default=(0.0, case),
        )
        if best[0] >= NEARLY:
            found.append(Alike(best[1], case, best[0], False))
        for shingle in shingles:
            index[shingle].append((case, shingles))
    return found


def _body(case: Case) -> list[ast.stmt]:
    body: list[ast.stmt] = case.scope.node.body  # type: ignore[attr-defined]
    is_text = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    return body[1:] if is_text else body


def _near(
    shingles: frozenset[str], index: dict[str, list[tuple[Case, frozenset[str]]]]
) -> list[tuple[Case, frozenset[str]]]:
    # Those that have the rarest part in common; the others are found by none that counts.
    listed = [index[one] for one in shingles if one in index]
    near = {id(first): (first, other) for entries in listed for first, other in entries[:50]}
    return list(near.values())


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def _shingles(body: list[ast.stmt]) -> frozenset[str]:
    """Return the shapes of each two statements that follow each other."""
    shapes = [_shape(one) for one in body]
    return frozenset(
        f"{number} {one} {other}" for number, (one, other) in enumerate(pairwise(shapes))
    )


def _shape(node: ast.AST) -> str:
    """Return a statement without names of variables and constants; what is called stays."""
    parts = []
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            parts.append(f".{part.attr}")
        elif not isinstance(part, (ast.Name, ast.Constant, ast.expr_context)):
            parts.append(type(part).__name__)
    return " ".join(parts)
