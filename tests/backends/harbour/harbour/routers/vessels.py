from typing import Annotated

from fastapi import APIRouter, Path, status

from harbour import services
from harbour.dependencies import CurrentUser, PagingDep
from harbour.models import Role, Vessel
from harbour.repositories import StoreDep
from harbour.schemas import Key, Page, VesselIn, VesselOut

router = APIRouter(prefix="/vessels", tags=["vessels"])
VesselId = Annotated[Key, Path()]


@router.get("")
async def list_vessels(store: StoreDep, user: CurrentUser, paging: PagingDep) -> Page[VesselOut]:
    mine = {} if user.role is Role.ADMIN else {"owner_id": user.id}
    rows, total = await store.vessels.page(paging.limit, paging.offset, **mine)
    return Page(items=[VesselOut.model_validate(row) for row in rows], total=total)


@router.post("", status_code=status.HTTP_201_CREATED, response_model=VesselOut)
async def add_vessel(wanted: VesselIn, store: StoreDep, user: CurrentUser) -> Vessel:
    return await services.add_vessel(store, user, wanted)


@router.get("/{vessel_id}", response_model=VesselOut)
async def show_vessel(vessel_id: VesselId, store: StoreDep, user: CurrentUser) -> Vessel:
    return await services.vessel_of(store, user, vessel_id)


@router.delete("/{vessel_id}", status_code=status.HTTP_204_NO_CONTENT)
async def remove_vessel(vessel_id: VesselId, store: StoreDep, user: CurrentUser) -> None:
    await services.remove_vessel(store, user, vessel_id)
