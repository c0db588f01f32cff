from fastapi import APIRouter, status

from harbour import services
from harbour.dependencies import Admin, PagingDep
from harbour.models import Berth
from harbour.repositories import StoreDep
from harbour.schemas import BerthIn, BerthOut, Page

router = APIRouter(prefix="/berths", tags=["berths"])


@router.get("")
async def list_berths(store: StoreDep, paging: PagingDep) -> Page[BerthOut]:
    rows, total = await store.berths.page(paging.limit, paging.offset)
    return Page(items=[BerthOut.model_validate(row) for row in rows], total=total)


@router.post("", status_code=status.HTTP_201_CREATED, response_model=BerthOut)
async def add_berth(wanted: BerthIn, store: StoreDep, _: Admin) -> Berth:
    return await services.add_berth(store, wanted)
