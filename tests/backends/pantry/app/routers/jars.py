from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import get_session
from app.models import Jar, Keeper
from app.repositories.jars import JarRepository
from app.security import current_keeper
from app.services.jars import JarService, NoSuchJar, NotEnough

router = APIRouter(prefix="/jars", tags=["jars"])
LARGEST = 2**31 - 1


class JarIn(BaseModel):
    label: str = Field(min_length=1, max_length=60)
    grams: int = Field(ge=0, le=LARGEST)


class JarOut(JarIn):
    model_config = ConfigDict(from_attributes=True)

    id: int


class Portion(BaseModel):
    grams: int = Field(gt=0, le=LARGEST)


@router.get("", response_model=list[JarOut])
async def list_jars(
    keeper: Keeper = Depends(current_keeper), db: AsyncSession = Depends(get_session)
):
    return await JarRepository(db).of(keeper.id)


@router.post("", status_code=201, response_model=JarOut)
async def add_jar(
    payload: JarIn,
    keeper: Keeper = Depends(current_keeper),
    db: AsyncSession = Depends(get_session),
):
    try:
        jar = await JarRepository(db).add(Jar(keeper_id=keeper.id, **payload.model_dump()))
        await db.commit()
    except IntegrityError:
        raise HTTPException(409, "There is a jar of that label.") from None
    return jar


@router.post("/{jar_id}/take", response_model=JarOut)
async def take(
    jar_id: int,
    portion: Portion,
    keeper: Keeper = Depends(current_keeper),
    db: AsyncSession = Depends(get_session),
):
    try:
        jar = await JarService(JarRepository(db)).take(keeper.id, jar_id, portion.grams)
    except NoSuchJar:
        raise HTTPException(404, "There is no such jar.") from None
    except NotEnough:
        raise HTTPException(409, "There is not as much.") from None
    await db.commit()
    return jar
