"""What several schemas share."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, StringConstraints

T = TypeVar("T")

# PostgreSQL cannot store the character NUL in a text.
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00]+$"),
]


class PageRead(BaseModel, Generic[T]):
    """One page of a list: its items, and where it stands among all pages."""

    items: list[T]
    total: int
    page: int
    size: int
    pages: int
