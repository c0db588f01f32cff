"""The words of an SQL expression, one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from test_harness.factories.functions import UndecidableError

_ESCAPED = r"'(?:[^'\\]|\\.|'')*'"
_WORD = r"""\s*(?:
        (?P<string>\b[Ee]{escaped}|(?:\b[Nn]|_utf8mb4)?{usual})
      | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
      | (?P<quoted>"(?:[^"]|"")+"|`[^`]+`|\[[A-Za-z_]\w*\])
      | (?P<word>[^\W\d]\w*)
      | (?P<sign><=>|<>|!=|==|<=|>=|!?~~?\*?|::|\|\||[-!+*/%=<>(),.\[\]])
    )""".replace("{escaped}", _ESCAPED)
# By whether a backslash escapes in every text, as for MySQL, or only in those behind an E.
_WORDS = {
    escapes: re.compile(_WORD.replace("{usual}", usual), re.VERBOSE | re.DOTALL)
    for escapes, usual in ((True, _ESCAPED), (False, r"'(?:[^']|'')*'"))
}


class Tokens:
    """Goes through a text word by word.

    Args:
        text: SQL.
        engine: Whose SQL it is.

    Raises:
        UndecidableError: There is something in it that is not known here.
    """

    def __init__(self, text: str, engine: str) -> None:
        self.escapes = engine == "mysql"
        self.tokens = list(_tokens(text, _WORDS[self.escapes]))
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

    def unquoted(self, text: str) -> str:
        """Return what a literal stands for."""
        inner = text[text.index("'") + 1 : -1].replace("''", "'")
        if self.escapes or text[0] in "Ee":
            # Before a sign of LIKE it is meant for LIKE.
            inner = re.sub(r"\\([^%_])", r"\1", inner, flags=re.DOTALL)
        return inner


def _tokens(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    place = 0
    text = text.strip()
    while place < len(text):
        found = pattern.match(text, place)
        if found is None:
            raise UndecidableError(text[place:])
        assert found.lastgroup is not None
        yield found.lastgroup, found[found.lastgroup]
        place = found.end()
