from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from fastapi.security import OAuth2PasswordRequestForm

from app.api.deps import CurrentUser, SessionDep
from app.core.security import create_access_token
from app.models.user import User
from app.schemas import Token, UserRead
from app.services import users as user_service

router = APIRouter()


@router.post("/login/access-token", response_model=Token)
def login_access_token(
    db: SessionDep, form_data: Annotated[OAuth2PasswordRequestForm, Depends()]
) -> Token:
    """OAuth2 compatible token login, get an access token for future requests."""
    user = user_service.authenticate(db, email=form_data.username, password=form_data.password)
    if user is None:
        raise HTTPException(
            status_code=status.HTTP_401_UNAUTHORIZED,
            detail="Incorrect email or password",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if not user.is_active:
        raise HTTPException(status_code=status.HTTP_400_BAD_REQUEST, detail="Inactive user")
    user_service.record_login(db, user)
    return Token(access_token=create_access_token(user.id))


@router.post("/login/test-token", response_model=UserRead)
def test_token(current_user: CurrentUser) -> User:
    """Test access token."""
    return current_user
