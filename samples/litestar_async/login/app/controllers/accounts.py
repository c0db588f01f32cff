"""Accounts: signing up, forgotten passwords, and one's own data."""

from litestar import Controller, Response, get, post, put
from litestar.datastructures import UploadFile
from litestar.params import JSONBody, MultipartBody

from app.authentication import CurrentUser
from app.dependencies import SessionDep
from app.pictures import MAX_BYTES, content_type
from app.repositories.avatars import AvatarRepository
from app.schemas.accounts import ForgottenPassword, MailSent, NewPassword, Signup, Verification
from app.schemas.users import UserRead
from app.services.accounts import AccountService


class AccountController(Controller):
    """Accounts."""

    path = "/auth"

    @post("/signup", status_code=202)
    async def signup(self, data: JSONBody[Signup], session: SessionDep) -> MailSent:
        """Open an account; the answer is the same for an address that has one."""
        await AccountService(session).signup(data.email, data.password.get_secret_value())
        return MailSent()

    @post("/verify", status_code=204)
    async def verify(self, data: JSONBody[Verification], session: SessionDep) -> None:
        """Show that an address is one's own, by the token sent to it."""
        await AccountService(session).verify(data.token)

    @post("/password/forgot", status_code=202)
    async def forgot_password(
        self, data: JSONBody[ForgottenPassword], session: SessionDep
    ) -> MailSent:
        """Ask for a mail to set a new password with."""
        await AccountService(session).forgot_password(data.email)
        return MailSent()

    @post("/password/reset", status_code=204)
    async def reset_password(self, data: JSONBody[NewPassword], session: SessionDep) -> None:
        """Set a new password; whoever is logged in with the old one no longer is."""
        await AccountService(session).reset_password(data.token, data.password.get_secret_value())

    @get("/me")
    async def me(self, user: CurrentUser) -> UserRead:
        """Tell who is logged in."""
        return UserRead.of(user)

    @put("/me/avatar", status_code=204)
    async def upload_avatar(
        self, user: CurrentUser, data: MultipartBody[dict[str, UploadFile]], session: SessionDep
    ) -> None:
        """Set one's picture: a PNG or JPEG file, in the field `file` of a form."""
        content = await data["file"].read(MAX_BYTES + 1)
        await AvatarRepository(session).put(user, content_type(content), content)

    @get("/me/avatar")
    async def read_avatar(self, user: CurrentUser, session: SessionDep) -> Response[bytes]:
        """Get one's picture."""
        avatar = await AvatarRepository(session).get(user)
        return Response(avatar.content, media_type=avatar.content_type)
