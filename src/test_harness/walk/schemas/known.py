"""What one way of knowing tells of one operation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from test_harness.walk.operation import Parameter, Schema

# What every client sends by itself, and what a credential is: nobody has to fill it in.
OF_THE_CLIENT = {
    "accept", "accept-language", "authorization", "content-length", "content-type", "cookie",
    "host", "if-none-match", "origin", "referer", "user-agent", "x-forwarded-for", "x-real-ip",
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What is known of one operation.

    Args:
        parameters: As far as they are known.
        body: The schema of the payload; None for no payload.
        encoding: How it is sent; empty for no payload.
        answers: The schema of each status that is documented, by the status.
        marks: What belongs into the summary of the operation.
    """

    parameters: tuple[Parameter, ...] = ()
    body: Schema | None = None
    encoding: str = ""
    answers: Mapping[str, Schema] = field(default_factory=dict)
    marks: frozenset[str] = frozenset()

    def over(self, other: Known) -> Known:
        """Return this, and what another way knows besides."""
        here = {(one.place, one.name.lower()) for one in self.parameters}
        more = tuple(one for one in other.parameters if (one.place, one.name.lower()) not in here)
        says_less = self.body is not None and "properties" not in self.body
        body = other if self.body is None or (says_less and other.body) else self
        return replace(
            self,
            parameters=self.parameters + more,
            body=body.body,
            encoding=self.encoding or other.encoding,
            answers=self.answers or other.answers,
            marks=self.marks | other.marks,
        )

    def without_the_client(self) -> Known:
        """Return this without the headers that every client or credential brings along."""
        kept = [one for one in self.parameters if not _is_of_the_client(one)]
        names = {one.name.lower() for one in self.parameters if one.place == "header"}
        marks = {"secured"} if "authorization" in names else set()
        return replace(self, parameters=tuple(kept), marks=self.marks | marks)


def _is_of_the_client(parameter: Parameter) -> bool:
    return parameter.place == "header" and parameter.name.lower() in OF_THE_CLIENT


def object_of(properties: Mapping[str, Schema], required: Iterable[str]) -> Schema:
    """Return the schema of an object.

    Args:
        properties: Its properties with their schemas.
        required: Those without which it is refused.
    """
    wanted = [name for name in properties if name in set(required)]
    return {"type": "object", "properties": dict(properties), "required": wanted}
