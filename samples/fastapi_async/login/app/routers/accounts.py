"""Accounts: signing up, forgotten passwords, and one's own data."""

from fastapi import APIRouter, Response, UploadFile

from app.authentication import CurrentUser
from app.dependencies import SessionDep
from app.models import User
from app.pictures import MAX_BYTES, content_type
from app.repositories.avatars import AvatarRepository
from app.schemas.accounts import ForgottenPassword, MailSent, NewPassword, Signup, Verification
from app.schemas.users import UserRead
from app.services.accounts import AccountService

router = APIRouter(prefix="/auth", tags=["accounts"])


@router.post("/signup", status_code=202)
async def signup(data: Signup, session: SessionDep) -> MailSent:
    """Open an account; the answer is the same for an address that has one."""
    await AccountService(session).signup(data.email, data.password.get_secret_value())
    return MailSent()


@router.post("/verify", status_code=204)
async def verify(data: Verification, session: SessionDep) -> None:
    """Show that an address is one's own, by the token sent to it."""
    await AccountService(session).verify(data.token)


@router.post("/password/forgot", status_code=202)
async def forgot_password(data: ForgottenPassword, session: SessionDep) -> MailSent:
    """Ask for a mail to set a new password with."""
    await AccountService(session).forgot_password(data.email)
    return MailSent()


@router.post("/password/reset", status_code=204)
async def reset_password(data: NewPassword, session: SessionDep) -> None:
    """Set a new password; whoever is logged in with the old one no longer is."""
    await AccountService(session).reset_password(data.token, data.password.get_secret_value())


@router.get("/me", response_model=UserRead)
async def me(user: CurrentUser) -> User:
    """Tell who is logged in."""
    return user


@router.put("/me/avatar", status_code=204)
async def upload_avatar(file: UploadFile, user: CurrentUser, session: SessionDep) -> None:
    """Set one's picture: a PNG or JPEG file, in the field `file` of a form."""
    content = file.file.read(MAX_BYTES + 1)
    await AvatarRepository(session).put(user, content_type(content), content)


@router.get("/me/avatar")
async def read_avatar(user: CurrentUser, session: SessionDep) -> Response:
    """Get one's picture."""
    avatar = await AvatarRepository(session).get(user)
    return Response(avatar.content, media_type=avatar.content_type)
