from litestar import Litestar, Router

from app.controllers import AuthController, MemberController, health
from app.db import plugin
from app.security import oauth2

accounts = Router(path="/accounts", route_handlers=[AuthController, MemberController])


def create_app(*, debug: bool = False) -> Litestar:
    return Litestar(
        route_handlers=[accounts, health],
        on_app_init=[oauth2.on_app_init],
        plugins=[plugin],
        debug=debug,
    )


app = create_app()
