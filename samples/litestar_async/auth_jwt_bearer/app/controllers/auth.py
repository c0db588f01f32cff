"""Logging in, staying logged in, and logging out."""

from litestar import Controller, post
from litestar.params import JSONBody

from app.authentication import CurrentLogin
from app.dependencies import SessionDep
from app.schemas.accounts import Credentials
from app.schemas.auth import Refresh, TokenPair
from app.services.accounts import AccountService
from app.services.sessions import SessionService


class AuthController(Controller):
    """Logging in and out."""

    path = "/auth"

    @post("/login", status_code=200)
    async def log_in(self, data: JSONBody[Credentials], session: SessionDep) -> TokenPair:
        """Trade email address and password for tokens."""
        password = data.password.get_secret_value()
        user = await AccountService(session).authenticate(data.email, password)
        return TokenPair.of(await SessionService(session).start(user))

    @post("/refresh", status_code=200)
    async def refresh(self, data: JSONBody[Refresh], session: SessionDep) -> TokenPair:
        """Trade a refresh token for a new pair; each can be used once."""
        return TokenPair.of(await SessionService(session).refresh(data.refresh_token))

    @post("/logout", status_code=204)
    async def log_out(self, login: CurrentLogin, session: SessionDep) -> None:
        """End the session the access token belongs to."""
        await SessionService(session).end(login)
