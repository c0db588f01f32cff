from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, status

from app.api.deps import CurrentUser, SessionDep, require_superuser
from app.models.user import User
from app.schemas import UserCreate, UserList, UserRead, UserUpdateMe
from app.services import users as user_service

router = APIRouter()


@router.get("/me", response_model=UserRead)
def read_me(current_user: CurrentUser) -> User:
    return current_user


@router.patch("/me", response_model=UserRead)
def update_me(db: SessionDep, current_user: CurrentUser, body: UserUpdateMe) -> User:
    return user_service.update_me(db, current_user, body)


@router.get("/", response_model=UserList, dependencies=[Depends(require_superuser)])
def read_users(
    db: SessionDep,
    skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Any:
    users, count = user_service.list_users(db, skip=skip, limit=limit)
    return {"data": users, "count": count}


@router.post(
    "/",
    response_model=UserRead,
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(require_superuser)],
)
def create_user(db: SessionDep, body: UserCreate) -> User:
    return user_service.create_user(db, body)
