"""CHECK constraints as predicates: parsed from their SQL, evaluated with SQL's three truth values.

A parser of its own, because a CHECK has to be evaluated, and "cannot tell" be an answer. sqlglot
would spare the parsing, not the evaluation, and between minor versions it moves what a tree says:
the NOT of NOT LIKE from around the node into it, so that a reader of the older form is told the
opposite of what the CHECK says.
Grammar: the operators and functions that PostgreSQL, MySQL, MariaDB and SQLite have in CHECKs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from test_harness.factories.functions import UndecidableError, matcher
from test_harness.factories.terms import Check, Terms
from test_harness.factories.truth import (
    Node,
    among,
    both,
    calculated,
    compared,
    either,
    is_value,
    matched,
    negated,
    quantified,
)

_COMPARISONS = {"=", "==", "<>", "!=", "<", "<=", ">", ">=", "<=>"}
_MATCHES = {
    "~": "regex", "~*": "regexi", "!~": "regex", "!~*": "regexi",
    "~~": "like", "~~*": "ilike", "!~~": "like", "!~~*": "ilike",
}  # fmt: skip
_LIKES = {"LIKE": "like", "ILIKE": "ilike", "GLOB": "glob", "REGEXP": "regexi", "RLIKE": "regexi"}


def parse(text: str, known: Mapping[str, str], engine: str = "") -> Check:
    """Return the predicate of a CHECK.

    Args:
        text: Its SQL, without the word CHECK.
        known: The names of the table's columns, by their names in small letters.
        engine: Whose SQL it is.
    """
    check = Check(text)
    try:
        check.node = _Parser(text, check, known, engine).whole()
    except UndecidableError:
        words = {word.lower() for word in re.findall(r"\w+", text)}
        check.columns = {name for low, name in known.items() if low in words}
        check.node = None
    return check


class _Parser(Terms):
    def whole(self) -> Node:
        node = self.expression()
        if self.at < len(self.tokens):
            raise UndecidableError(self.tokens[self.at][1])
        return node

    def expression(self) -> Node:
        left = self._and()
        while True:
            if self.take("OR"):
                left = either(left, self._and())
            elif self.take("XOR"):
                left = compared("<>", left, self._and())
            else:
                return left

    def _and(self) -> Node:
        left = self._not()
        while self.take("AND"):
            left = both(left, self._not())
        return left

    def _not(self) -> Node:
        return negated(self._not()) if self.take("NOT") else self._comparison()

    def _comparison(self) -> Node:
        left = self._sum()
        while True:
            following = self.peek()
            if following in _COMPARISONS:
                self.at += 1
                left = self._compared_with(following, left)
            elif following in _MATCHES:
                self.at += 1
                negate = following.startswith("!")
                left = self._matched(left, _MATCHES[following], negate=negate)
            elif following == "IS":
                self.at += 1
                left = self._is(left)
            elif self.take("ISNULL"):
                left = is_value(left, None, negate=False)
            elif self.take("NOTNULL") or self.take("NOT", "NULL"):
                left = is_value(left, None, negate=True)
            else:
                negate = following == "NOT" and self.peek(1) in {"IN", "BETWEEN", *_LIKES}
                self.at += negate
                if self.peek() in {"IN", "BETWEEN", *_LIKES}:
                    left = self._word_operator(left, negate=negate)
                else:
                    return left

    def _compared_with(self, sign: str, left: Node) -> Node:
        if self.peek() in {"ANY", "SOME", "ALL"}:
            every = self.peek() == "ALL"
            self.at += 1
            self.need("(")
            choices = self.expression()
            self.need(")")
            return quantified(sign, left, choices, every=every)
        return compared(sign, left, self._sum())

    def _word_operator(self, left: Node, *, negate: bool) -> Node:
        word = self.peek()
        self.at += 1
        if word in _LIKES:
            return self._matched(left, _LIKES[word], negate=negate)
        if word == "BETWEEN":
            low = self._sum()
            self.need("AND")
            within = both(compared(">=", left, low), compared("<=", left, self._sum()))
            return negated(within) if negate else within
        self.need("(")
        items = self.several(")")
        found = among(left, items)
        return negated(found) if negate else found

    def _matched(self, left: Node, kind: str, *, negate: bool) -> Node:
        pattern = self._sum()({})
        if not isinstance(pattern, str):
            raise UndecidableError("a pattern that is no text")
        if self.take("ESCAPE"):
            sign = self._sum()({})
            pattern = re.sub(rf"{re.escape(sign)}(.)", r"\\\1", pattern)
        if not negate:
            self.check.patterns.append((kind, pattern))
        found = matched(left, matcher(kind, pattern))
        return negated(found) if negate else found

    def _is(self, left: Node) -> Node:
        negate = self.take("NOT")
        if self.take("DISTINCT", "FROM"):
            return compared("<=>" if negate else "is distinct", left, self._sum())
        for word, value in (("NULL", None), ("TRUE", True), ("FALSE", False), ("UNKNOWN", None)):
            if self.take(word):
                return is_value(left, value, negate=negate)
        right = self._sum()  # SQLite: `a IS b`
        return compared("is distinct" if negate else "<=>", left, right)

    def _sum(self) -> Node:
        left = self._product()
        while self.peek() in {"+", "-", "||"}:
            sign = self.peek()
            self.at += 1
            left = calculated(sign, left, self._product())
        return left

    def _product(self) -> Node:
        left = self._unary()
        while self.peek() in {"*", "/", "%"}:
            sign = self.peek()
            self.at += 1
            left = calculated(sign, left, self._unary())
        return left

    def _unary(self) -> Node:
        if self.take("-"):
            return calculated("-", lambda row: 0, self._unary())
        if self.take("+"):
            return self._unary()
        if self.take("!"):
            return negated(self._unary())
        node = self.primary()
        while True:
            if self.take("::"):
                node = self.cast_to(node)
            elif self.take("COLLATE"):
                self.at += 1
            else:
                return node
