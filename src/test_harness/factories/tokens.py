"""The words of an SQL expression, one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from test_harness.factories.functions import UndecidableError

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>(?:\b[EeNn]|_utf8mb4)?'(?:[^']|'')*')
      | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
      | (?P<quoted>"(?:[^"]|"")+"|`[^`]+`|\[[A-Za-z_]\w*\])
      | (?P<word>[^\W\d]\w*)
      | (?P<sign><=>|<>|!=|<=|>=|!~\*|!~|~\*|::|\|\||[-~+*/%=<>(),.\[\]])
    )""",
    re.VERBOSE,
)


class Tokens:
    """Goes through a text word by word.

    Args:
        text: SQL.

    Raises:
        UndecidableError: There is something in it that is not known here.
    """

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0

    def peek(self, ahead: int = 0) -> str:
        """Return a token in capitals: a word or a sign as it is, of others the kind."""
        place = self.at + ahead
        if place >= len(self.tokens):
            return ""
        kind, text = self.tokens[place]
        return text.upper() if kind == "word" else text if kind == "sign" else f"<{kind}>"

    def take(self, *wanted: str) -> bool:
        """Pass over some words or signs if they come next, and tell whether they did."""
        if all(self.peek(ahead) == word for ahead, word in enumerate(wanted)):
            self.at += len(wanted)
            return True
        return False

    def need(self, wanted: str) -> None:
        """Pass over a word or sign that has to come next."""
        if not self.take(wanted):
            raise UndecidableError(f"{wanted} expected")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    text = text.strip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise UndecidableError(text[place:])
        assert found.lastgroup is not None
        yield found.lastgroup, found[found.lastgroup]
        place = found.end()


def unquoted(text: str) -> str:
    """Return what a literal of SQL stands for."""
    escaped = text[0] in "Ee"
    inner = text[text.index("'") + 1 : -1].replace("''", "'")
    return inner.replace("\\\\", "\\") if escaped else inner
