"""What was found, where, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Confidence = Literal["high", "medium", "low"]


@dataclass(frozen=True)
class Finding:
    """One fact about a backend.

    Confidence is `high` when the code says so by name and nothing else fits, `medium` when it was
    the best of several or followed from something beside the code, and `low` when it was guessed.

    Attributes:
        value: The fact; empty when there is none.
        where: `file:line`, the path relative to the folder; empty when no single place says it.
        confidence: How sure it is.
        others: The runners-up, best first, each with its place.
        note: What a person should know about it, in one sentence.
    """

    value: Any = ""
    where: str = ""
    confidence: Confidence = "low"
    others: tuple[tuple[Any, str], ...] = ()
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.value)

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data, without what is empty."""
        data: dict[str, Any] = {"value": self.value, "where": self.where}
        if self:
            data["confidence"] = self.confidence
        if self.others:
            data["others"] = [{"value": value, "where": where} for value, where in self.others]
        if self.note:
            data["note"] = self.note
        return data


@dataclass
class Candidate:
    """Something that may be the fact, with what speaks for it."""

    value: Any
    where: str
    score: float
    data: Any = None


def data_of(best: Finding, candidates: list[Candidate]) -> Any:
    """Return the data of the candidate that was chosen; None when none was."""
    fitting = (c.data for c in candidates if (c.value, c.where) == (best.value, best.where))
    return next(fitting, None)


def choose(candidates: list[Candidate], sure: float, clear: float = 3.0, note: str = "") -> Finding:
    """Return the best of some candidates.

    Args:
        candidates: In any order.
        sure: From which score on the best is worth `high`, unless another is as good.
        clear: By how much the best has to beat the next one.
        note: What a person should know about it.
    """
    ranked = sorted(candidates, key=lambda candidate: (-candidate.score, candidate.where))
    if not ranked:
        return Finding()
    best = ranked[0]
    rest = [other for other in ranked[1:] if other.value != best.value]
    lead = best.score - rest[0].score if rest else clear
    confidence: Confidence = "low"
    if best.score >= sure:
        confidence = "high" if lead >= clear else "medium"
    elif best.score >= sure / 2:
        confidence = "medium"
    others = tuple(dict.fromkeys((str(other.value), other.where) for other in rest))
    return Finding(best.value, best.where, confidence, others[:4], note)
