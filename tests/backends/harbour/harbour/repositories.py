from collections.abc import Sequence
from datetime import date
from typing import Annotated, Generic, TypeVar

from fastapi import Depends
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from harbour.database import SessionDep
from harbour.errors import ConflictError
from harbour.models import Base, Berth, Booking, User, Vessel

Row = TypeVar("Row", bound=Base)


class Repository(Generic[Row]):
    def __init__(self, session: SessionDep, model: type[Row]) -> None:
        self.session = session
        self.model = model

    async def get(self, key: int) -> Row | None:
        return await self.session.get(self.model, key)

    async def find(self, **equals: object) -> Row | None:
        return await self.session.scalar(select(self.model).filter_by(**equals))

    async def page(self, limit: int, offset: int, **equals: object) -> tuple[Sequence[Row], int]:
        wanted = select(self.model).filter_by(**equals)
        total = await self.session.scalar(select(func.count()).select_from(wanted.subquery()))
        rows = await self.session.scalars(
            wanted.order_by(self.model.id).limit(limit).offset(offset)
        )
        return rows.all(), total or 0

    async def add(self, row: Row) -> Row:
        self.session.add(row)
        try:
            await self.session.flush()
        except IntegrityError as error:
            await self.session.rollback()
            detail = f"{self.model.__name__} is there already"
            raise ConflictError(detail) from error
        return row

    async def delete(self, row: Row) -> None:
        await self.session.delete(row)


class BookingRepository(Repository[Booking]):
    async def overlaps(self, berth_id: int, arrives: date, leaves: date) -> bool:
        taken = select(Booking.id).where(
            Booking.berth_id == berth_id, Booking.arrives < leaves, Booking.leaves > arrives
        )
        return await self.session.scalar(taken.limit(1)) is not None


class Store:
    """The rows of one request, and their transaction."""

    def __init__(self, session: SessionDep) -> None:
        self.session = session
        self.users = Repository(session, User)
        self.berths = Repository(session, Berth)
        self.vessels = Repository(session, Vessel)
        self.bookings = BookingRepository(session, Booking)

    async def commit(self) -> None:
        await self.session.commit()


StoreDep = Annotated[Store, Depends()]
