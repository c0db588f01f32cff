from fastapi import APIRouter, status

from harbour import services
from harbour.dependencies import CurrentUser, PagingDep
from harbour.models import Booking
from harbour.repositories import StoreDep
from harbour.schemas import BookingIn, BookingOut, Key, Page

router = APIRouter(prefix="/bookings", tags=["bookings"])


@router.get("")
async def list_bookings(
    vessel_id: Key, store: StoreDep, user: CurrentUser, paging: PagingDep
) -> Page[BookingOut]:
    vessel = await services.vessel_of(store, user, vessel_id)
    rows, total = await store.bookings.page(paging.limit, paging.offset, vessel_id=vessel.id)
    return Page(items=[BookingOut.model_validate(row) for row in rows], total=total)


@router.post("", status_code=status.HTTP_201_CREATED, response_model=BookingOut)
async def book(wanted: BookingIn, store: StoreDep, user: CurrentUser) -> Booking:
    return await services.book(store, user, wanted)
