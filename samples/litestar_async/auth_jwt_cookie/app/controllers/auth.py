"""Logging in, staying logged in, and logging out."""

from typing import Any

from litestar import Controller, Request, Response, post
from litestar.params import JSONBody

from app.authentication import CurrentLogin, check_own_request
from app.credentials import REFRESH_COOKIE
from app.dependencies import SessionDep
from app.errors import Unauthorized
from app.schemas.accounts import Credentials
from app.schemas.users import UserRead
from app.services.accounts import AccountService
from app.services.sessions import SessionService
from app.token_cookies import delete_tokens, set_tokens


class AuthController(Controller):
    """Logging in and out."""

    path = "/auth"

    @post("/login", status_code=200)
    async def log_in(self, data: JSONBody[Credentials], session: SessionDep) -> Response[UserRead]:
        """Trade email address and password for cookies."""
        password = data.password.get_secret_value()
        user = await AccountService(session).authenticate(data.email, password)
        response = Response(UserRead.of(user))
        set_tokens(response, await SessionService(session).start(user))
        return response

    @post("/refresh", status_code=204)
    async def refresh(self, request: Request[Any, Any, Any], session: SessionDep) -> Response[None]:
        """Trade the cookies for new ones; each refresh token can be used once."""
        check_own_request(request)
        token = request.cookies.get(REFRESH_COOKIE)
        if not token:
            raise Unauthorized("You are not logged in.")
        response = Response(None)
        set_tokens(response, await SessionService(session).refresh(token))
        return response

    @post("/logout", status_code=204)
    async def log_out(self, login: CurrentLogin, session: SessionDep) -> Response[None]:
        """End the session the cookies belong to."""
        await SessionService(session).end(login)
        response = Response(None)
        delete_tokens(response)
        return response
