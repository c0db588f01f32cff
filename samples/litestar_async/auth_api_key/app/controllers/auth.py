"""Getting a key, and giving it up."""

from litestar import Controller, post
from litestar.params import JSONBody

from app.authentication import CurrentUser
from app.dependencies import SessionDep
from app.schemas.accounts import Credentials
from app.schemas.auth import ApiKey
from app.services.accounts import AccountService
from app.services.keys import KeyService


class AuthController(Controller):
    """Getting a key, and giving it up."""

    path = "/auth"

    @post("/login", status_code=200)
    async def log_in(self, data: JSONBody[Credentials], session: SessionDep) -> ApiKey:
        """Trade email address and password for a key."""
        password = data.password.get_secret_value()
        return ApiKey.of(await AccountService(session).authenticate(data.email, password))

    @post("/logout", status_code=204)
    async def log_out(self, user: CurrentUser, session: SessionDep) -> None:
        """Have the key stop working."""
        await KeyService(session).revoke(user)
