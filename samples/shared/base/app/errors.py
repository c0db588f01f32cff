"""What can go wrong in the domain, and which status of HTTP says it."""

from collections.abc import Mapping
from typing import ClassVar


class DomainError(Exception):
    """A request that cannot be fulfilled; `detail` is written for its sender."""

    status_code: ClassVar[int]
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotFound(DomainError):
    """There is no such thing, or none that the caller may know of."""

    status_code = 404


class Conflict(DomainError):
    """The request contradicts what is stored."""

    status_code = 409
