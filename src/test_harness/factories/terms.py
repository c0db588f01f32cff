"""The operands of an SQL expression: columns, literals, casts and calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from test_harness.factories.functions import FUNCTIONS, UndecidableError, cast, interval, matcher
from test_harness.factories.tokens import Tokens
from test_harness.factories.truth import Node, Row, compared, matched

_TYPED = {"DATE", "TIMESTAMP", "TIMESTAMPTZ", "TIME"}
_RESERVED = {"AND", "OR", "XOR", "NOT", "THEN", "WHEN", "ELSE", "END", "AS", "FROM", "COLLATE"}
_LIKES = {"LIKE", "ILIKE", "GLOB", "REGEXP", "RLIKE"}


@dataclass
class Check:
    """A CHECK constraint.

    `columns` are the names it speaks of, `literals` the values it compares with, and `patterns` its
    patterns, each with its kind (like, ilike, glob, regex, regexi).
    """

    text: str
    name: str = ""
    columns: set[str] = field(default_factory=set)
    literals: list[Any] = field(default_factory=list)
    patterns: list[tuple[str, str]] = field(default_factory=list)
    node: Node | None = None

    def holds(self, row: Row) -> bool:
        """Tell whether the database would accept `row`: it refuses what is false, not what is NULL.

        Raises:
            UndecidableError: The text, or a value, is beyond what is known here.
        """
        if self.node is None:
            raise UndecidableError(self.text)
        try:
            result = self.node(row)
        except (TypeError, ValueError, ArithmeticError, AttributeError, KeyError) as error:
            raise UndecidableError(str(error)) from error
        return result is None or bool(result)


class Terms(Tokens):
    """Reads operands; what stands between them is left to the class that inherits.

    Args:
        text: SQL.
        check: Where columns, literals and patterns are noted.
        known: The names of the table's columns, by their names in small letters.
        engine: Whose SQL it is.
    """

    def __init__(self, text: str, check: Check, known: Mapping[str, str], engine: str) -> None:
        super().__init__(text, engine)
        self.check = check
        self._known = known

    def expression(self) -> Node:
        """Read everything up to what cannot belong to it."""
        raise NotImplementedError

    def cast_to(self, node: Node) -> Node:
        """Read a type, and return the node as that."""
        kind = self._type_name()
        return lambda row: cast(node(row), kind)

    def _type_name(self) -> str:
        words = []
        while self.at < len(self.tokens) and self.tokens[self.at][0] in {"word", "quoted"}:
            if self.peek() in _RESERVED | _LIKES | {"IS", "IN", "BETWEEN"}:
                break
            words.append(self.tokens[self.at][1].lower())
            self.at += 1
        if self.take("("):
            self.several(")")
        while self.take("[", "]"):
            words.append("[]")
        return " ".join(words)

    def several(self, end: str) -> list[Node]:
        """Read expressions with commas between them."""
        items = []
        while not self.take(end):
            items.append(self.expression())
            if not self.take(","):
                self.need(end)
                break
        return items

    def primary(self) -> Node:
        """Read one operand."""
        if self.take("("):
            node = self.expression()
            if self.take(","):
                raise UndecidableError("a row of values")
            self.need(")")
            return node
        if self.at >= len(self.tokens):
            raise UndecidableError("an end where none is expected")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "string":
            return self._literal(self.unquoted(text))
        if kind == "number":
            return self._literal(Decimal(text) if re.search(r"[.eE]", text) else int(text))
        # PostgreSQL puts names of functions that are words of its own in quotes.
        if kind in {"word", "quoted"} and self.peek() == "(":
            return self._call(text.strip('"'))
        if kind == "word" and text.lower() not in self._known:
            return self._keyword(text.upper())
        if kind in {"word", "quoted"}:
            return self._column(text)
        raise UndecidableError(text)

    def _literal(self, value: Any) -> Node:
        self.check.literals.append(value)
        return lambda row: value

    def _column(self, text: str) -> Node:
        if self.take("."):
            text = self.tokens[self.at][1]
            self.at += 1
        if text.startswith('"') and self.escapes:
            return self._literal(text[1:-1])  # to MySQL it is one more text
        name = self._known.get(text.strip('"`[]').lower())
        if name is None:
            raise UndecidableError(text)
        self.check.columns.add(name)
        return lambda row: row[name]

    def _keyword(self, word: str) -> Node:
        if word in {"TRUE", "FALSE", "NULL"}:
            value = {"TRUE": True, "FALSE": False, "NULL": None}[word]
            return lambda row: value
        if word in {"CURRENT_DATE", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP"}:
            return lambda row: FUNCTIONS[word.lower()]()
        if word in _TYPED and self.peek() == "<string>":
            node = self.primary()
            return lambda row: cast(node(row), word.lower())
        if word == "ARRAY" and self.take("["):
            items = self.several("]")
            return lambda row: [item(row) for item in items]
        if word in {"CASE", "INTERVAL"}:
            return self._case() if word == "CASE" else self._interval()
        if self.peek() == ".":  # the table in front of its column
            return self._column(word)
        raise UndecidableError(word)

    def _interval(self) -> Node:
        amount = self.primary()
        unit = self._type_name()  # MySQL: `INTERVAL 1 DAY`
        return lambda row: interval(f"{amount(row)} {unit}")

    def _case(self) -> Node:
        subject = None if self.peek() == "WHEN" else self.expression()
        branches = []
        while self.take("WHEN"):
            condition = self.expression()
            if subject is not None:
                condition = compared("=", subject, condition)
            self.need("THEN")
            branches.append((condition, self.expression()))
        otherwise = self.expression() if self.take("ELSE") else lambda row: None
        self.need("END")

        def choose(row: Row) -> Any:
            for condition, result in branches:
                if condition(row):
                    return result(row)
            return otherwise(row)

        return choose

    def _call(self, name: str) -> Node:
        name = name.lower()
        self.need("(")
        if name == "cast":
            node = self.expression()
            self.need("AS")
            kind = self._type_name()
            self.need(")")
            return lambda row: cast(node(row), kind)
        name, arguments = self._arguments(name)
        if name in {"regexp_like"}:
            pattern = arguments[1]({})
            self.check.patterns.append(("regex", pattern))
            return matched(arguments[0], matcher("regex", pattern))
        function = FUNCTIONS.get(name)
        if function is None:
            return _undecidable(f"{name}()")
        return lambda row: function(*(argument(row) for argument in arguments))

    def _arguments(self, name: str) -> tuple[str, list[Node]]:
        """Read what a function is given, with the words that some have between it."""
        if name == "extract":
            part = self.tokens[self.at][1].lower()
            self.at += 1
            self.need("FROM")
            return name, [lambda row: part, *self.several(")")]
        if name == "position":
            part_of = self.primary()
            self.need("IN" if self.peek() == "IN" else ",")
            return name, [part_of, *self.several(")")]
        if name == "trim" and self.peek() in {"BOTH", "LEADING", "TRAILING"}:
            name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(self.peek(), name)
            self.at += 1
            what = [] if self.peek() == "FROM" else [self.primary()]
            self.need("FROM")
            return name, [*self.several(")"), *what]
        return name, self.several(")")


def _undecidable(text: str) -> Node:
    def node(row: Row) -> Any:
        raise UndecidableError(text)

    return node
