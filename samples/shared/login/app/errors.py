"""What can go wrong in the domain, and which status of HTTP says it."""

from collections.abc import Mapping
from typing import ClassVar

from app.credentials import CHALLENGE


class DomainError(Exception):
    """A request that cannot be fulfilled; `detail` is written for its sender."""

    status_code: ClassVar[int]
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Invalid(DomainError):
    """What was sent cannot be used."""

    status_code = 400


class Unauthorized(DomainError):
    """Nobody knows who the caller is."""

    status_code = 401
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": CHALLENGE}


class Forbidden(DomainError):
    """The caller may know of this, and may not do it."""

    status_code = 403


class NotFound(DomainError):
    """There is no such thing, or none that the caller may know of."""

    status_code = 404


class Conflict(DomainError):
    """The request contradicts what is stored."""

    status_code = 409


class TooLarge(DomainError):
    """What was sent is larger than what is kept."""

    status_code = 413


class UnsupportedType(DomainError):
    """What was sent is of a kind that is not kept."""

    status_code = 415


class TooManyRequests(DomainError):
    """The caller has to wait."""

    status_code = 429
