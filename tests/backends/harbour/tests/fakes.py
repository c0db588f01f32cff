from collections.abc import Callable, Sequence
from datetime import date
from itertools import count
from typing import TypeVar
from unittest.mock import create_autospec

from fastapi.testclient import TestClient
from sqlalchemy.ext.asyncio import AsyncSession

from harbour.models import Base, Berth, Booking, User, Vessel
from harbour.repositories import BookingRepository, Repository, Store

Row = TypeVar("Row", bound=Base)
ClientOf = Callable[[User], TestClient]


class MemoryRepository(Repository[Row]):
    """Keeps rows in a list, with the keys that a database would give them."""

    def __init__(self, model: type[Row]) -> None:
        super().__init__(create_autospec(AsyncSession, instance=True), model)
        self.rows: list[Row] = []
        self.keys = count(1)

    async def get(self, key: int) -> Row | None:
        return await self.find(id=key)

    async def find(self, **equals: object) -> Row | None:
        return next(iter((await self.page(1, 0, **equals))[0]), None)

    async def page(self, limit: int, offset: int, **equals: object) -> tuple[Sequence[Row], int]:
        found = [r for r in self.rows if all(getattr(r, k) == v for k, v in equals.items())]
        return found[offset : offset + limit], len(found)

    async def add(self, row: Row) -> Row:
        row.id = next(self.keys)
        self.rows.append(row)
        return row

    async def delete(self, row: Row) -> None:
        self.rows.remove(row)


class MemoryBookings(MemoryRepository[Booking], BookingRepository):
    async def overlaps(self, berth_id: int, arrives: date, leaves: date) -> bool:
        return any(
            row.berth_id == berth_id and row.arrives < leaves and row.leaves > arrives
            for row in self.rows
        )


class MemoryStore(Store):
    def __init__(self) -> None:
        self.users: MemoryRepository[User] = MemoryRepository(User)
        self.berths: MemoryRepository[Berth] = MemoryRepository(Berth)
        self.vessels: MemoryRepository[Vessel] = MemoryRepository(Vessel)
        self.bookings: MemoryBookings = MemoryBookings(Booking)
        self.commits = 0

    async def commit(self) -> None:
        self.commits += 1
