"""One thing that is otherwise in the depot."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is otherwise, and who is to say so.

    Args:
        what: Is otherwise.
        route: Where it shows.
        oracle: Which one says so; empty for a twin, which is right as well.
        old: The code as it is, which is there once.
        new: The code instead of it.
        evidence: Part of what is said.
        sync: Whether it is tried in the synchronous twin of the application as well.
        beside: What is otherwise in another place for it: the code as it is, and instead of it.
        takes: Whether the route takes something else for it than before.
    """

    what: str
    route: str
    oracle: str
    old: str
    new: str
    evidence: str = ""
    sync: bool = False
    beside: tuple[str, str] = ("", "")
    takes: bool = False

    def put_into(self, source: str) -> str:
        """Return the source of the application with it."""
        for old, new in [(self.old, self.new), *([self.beside] if self.beside[0] else [])]:
            assert source.count(old) == 1, f"{self.what}: {source.count(old)} places of {old!r}"
            source = source.replace(old, new)
        return source
