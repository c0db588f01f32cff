"""Lists are read page by page, never whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")


class PageQuery(BaseModel):
    """Which page of a list to read, as query parameters; pages count from 1."""

    # The upper bounds keep the offset within what every database can count.
    page: int = Field(default=1, ge=1, le=1_000_000)
    size: int = Field(default=20, ge=1, le=100)

    @property
    def offset(self) -> int:
        """The number of rows before this page."""
        return (self.page - 1) * self.size


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of rows, and how many rows there are on all pages."""

    items: Sequence[T]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        """The number of pages; an empty list has none."""
        return -(-self.total // self.size)


async def fetch_page(session: AsyncSession, statement: Select[Any], query: PageQuery) -> Page[Any]:
    """Return the page of `statement` that `query` asks for; beyond the last one it is empty.

    `statement` has to be ordered by something unique, or rows could repeat across pages.
    """
    count = select(func.count()).select_from(statement.order_by(None).subquery())
    total = await session.scalar(count)
    rows = await session.scalars(statement.offset(query.offset).limit(query.size))
    return Page(items=rows.all(), total=total or 0, page=query.page, size=query.size)
