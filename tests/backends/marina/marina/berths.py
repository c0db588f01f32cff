from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from marina.db import get_session
from marina.models import Sailor
from marina.security import current_sailor, master
from marina.vendor.models import Vendor

router = APIRouter(prefix="/berths")


@router.get("/mine")
async def mine(sailor: Annotated[Sailor, Depends(current_sailor)]) -> dict[str, str]:
    return {"email": sailor.email, "role": sailor.role.value}


@router.get("/vendors", dependencies=[Depends(master)])
async def vendors(session: Annotated[AsyncSession, Depends(get_session)]) -> list[str]:
    return list(await session.scalars(select(Vendor.name).order_by(Vendor.name)))
