from dataclasses import dataclass
from typing import Annotated

from litestar import Controller, Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotAuthorizedException
from litestar.params import Body
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Member
from app.security import oauth2, password_hasher


@dataclass
class Credentials:
    username: str
    password: str


class AuthController(Controller):
    path = "/auth"

    @post("/login")
    async def login(
        self,
        data: Annotated[Credentials, Body(media_type=RequestEncodingType.URL_ENCODED)],
        db_session: AsyncSession,
    ) -> Response:
        member = await db_session.scalar(select(Member).where(Member.username == data.username))
        if member is None or not password_hasher.verify(data.password, member.password):
            raise NotAuthorizedException
        return oauth2.login(str(member.id))


class MemberController(Controller):
    path = "/members"

    @get("/me")
    async def me(self, request: Request) -> dict[str, str]:
        return {"username": request.user.username}


@get("/health")
async def health() -> str:
    return "well"
