"""What several schemas share."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, StringConstraints
from typing_extensions import Self

T = TypeVar("T")

# PostgreSQL cannot store the character NUL in a text.
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00]+$"),
]


class Shown(BaseModel):
    """What is shown of something else, which has attributes of the same names."""

    @classmethod
    def of(cls, shown: object) -> Self:
        """Return what is shown of `shown`."""
        return cls.model_validate(shown, from_attributes=True)


class PageRead(Shown, Generic[T]):
    """One page of a list: its items, and where it stands among all pages."""

    items: list[T]
    total: int
    page: int
    size: int
    pages: int
