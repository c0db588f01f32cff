"""Logging in and out."""

from litestar import Controller, Response, post
from litestar.params import JSONBody

from app.authentication import CurrentLogin
from app.dependencies import SessionDep
from app.schemas.accounts import Credentials
from app.schemas.users import UserRead
from app.services.accounts import AccountService
from app.services.sessions import SessionService
from app.session_cookies import delete_session, set_session


class AuthController(Controller):
    """Logging in and out."""

    path = "/auth"

    @post("/login", status_code=200)
    async def log_in(self, data: JSONBody[Credentials], session: SessionDep) -> Response[UserRead]:
        """Trade email address and password for a session."""
        password = data.password.get_secret_value()
        user = await AccountService(session).authenticate(data.email, password)
        response = Response(UserRead.of(user))
        set_session(response, await SessionService(session).start(user))
        return response

    @post("/logout", status_code=204)
    async def log_out(self, login: CurrentLogin, session: SessionDep) -> Response[None]:
        """End the session the cookie belongs to."""
        await SessionService(session).end(login)
        response = Response(None)
        delete_session(response)
        return response
