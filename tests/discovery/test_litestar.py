"""Discovery of how applications of Litestar let people in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.discovery.snippets import read

MODELS = """\
from advanced_alchemy.base import BigIntBase
from sqlalchemy.orm import Mapped


class Keeper(BigIntBase):
    name: Mapped[str]
    age: Mapped[int]
    password: Mapped[str]
"""
SECURITY = """\
from litestar.security.jwt import OAuth2PasswordBearerAuth

from shop.models import Keeper

OPEN = ["/schema", "^/desk/login$"]


async def retrieve(token, connection):
    return await Keeper.get(token.sub)


guard = OAuth2PasswordBearerAuth[Keeper](
    retrieve_user_handler=retrieve, token_secret="x", token_url="/desk/login", exclude=OPEN
)
"""
DESK = """\
from typing import Annotated

from advanced_alchemy.extensions.litestar import SQLAlchemyDTO, SQLAlchemyDTOConfig
from argon2 import PasswordHasher
from litestar import Controller, get, post
from litestar.dto import DTOData
from litestar.enums import RequestEncodingType
from litestar.params import Body

from shop.models import Keeper
from shop.security import guard


class LoginDTO(SQLAlchemyDTO[Keeper]):
    config = SQLAlchemyDTOConfig({config})


class Desk(Controller):
    def __init__(self, owner) -> None:
        super().__init__(owner)
        self.path = "/desk"

    @post("/login", dto=LoginDTO)
    async def login(self, data: {data}):
        keeper = await Keeper.by_name(data.name)
        PasswordHasher().verify(keeper.password, data.password)
        return guard.login(identifier=keeper.name)

    @get("/open", exclude_from_auth=True)
    async def board(self) -> str:
        return "all may read this"

    @get("/search")
    async def search(self, word: str) -> str:
        return word

    @get("/keys")
    async def keys(self) -> str:
        return "who is in may read this"
"""
MAIN = """\
from litestar import Litestar

from shop.desk import Desk
from shop.security import guard

app = Litestar(route_handlers=[Desk], on_app_init=[guard.on_app_init])
"""


@pytest.mark.parametrize(
    ("config", "data", "encoding", "fields"),
    [
        pytest.param(
            'include={"name", "password"}', "Keeper", "json", {"name", "password"}, id="included"
        ),
        pytest.param(
            'exclude=["age"]', "DTOData[Keeper]", "json", {"name", "password"}, id="excluded"
        ),
        pytest.param(
            'include={"name", "password"}',
            "Annotated[Keeper, Body(media_type=RequestEncodingType.URL_ENCODED)]",
            "form",
            {"name", "password"},
            id="form",
        ),
    ],
)
def test_a_login_through_a_transfer_object(
    tmp_path: Path, config: str, data: str, encoding: str, fields: set[str]
) -> None:
    desk = DESK.replace("{config}", config).replace("{data}", data)
    files = {"shop/models.py": MODELS, "shop/security.py": SECURITY, "shop/desk.py": desk}
    found = read(tmp_path, {**files, "main.py": MAIN})
    login = found["auth"]["login"]
    assert (login["path"], login["encoding"]) == ("/desk/login", encoding)
    assert set(login["fields"]) == fields
    hasher = found["proposals"]["password_hasher"]
    assert hasher == "argon2:PasswordHasher.hash"


def test_what_stands_before_every_route_protects_what_it_does_not_leave_out(
    tmp_path: Path,
) -> None:
    desk = DESK.replace("{config}", 'include={"name", "password"}').replace("{data}", "Keeper")
    files = {"shop/models.py": MODELS, "shop/security.py": SECURITY, "shop/desk.py": desk}
    found = read(tmp_path, {**files, "main.py": MAIN})
    assert found["proposals"]["protected_path"] == "/desk/keys"


def test_a_cookie_that_the_response_is_made_with(tmp_path: Path) -> None:
    desk = """\
import jwt
from litestar import Litestar, Response, post
from litestar.datastructures import Cookie
from pydantic import BaseModel


class Credentials(BaseModel):
    name: str
    password: str


@post("/login")
async def login(data: Credentials) -> Response:
    token = jwt.encode({"sub": data.name}, "secret")
    return Response({"name": data.name}, cookies=[Cookie(key="ticket", value=token)])


def keeper(connection):
    return jwt.decode(connection.cookies.get("ticket"), "secret", ["HS256"])


app = Litestar(route_handlers=[login])
"""
    proposals = read(tmp_path, {"main.py": desk})["proposals"]
    assert (proposals["auth"], proposals["access_cookie"]) == ("jwt_cookie", "ticket")
