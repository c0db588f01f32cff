from dependency_injector.wiring import Provide, inject
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request

from messenger.container import Container
from messenger.service import Accounts

router = APIRouter(prefix="/{tenant}/auth")


@router.post("/login")
@inject
async def login(
    tenant: str, request: Request, accounts: Accounts = Depends(Provide[Container.accounts])
) -> dict[str, dict[str, str]]:
    body = await request.json()
    token = await accounts.authenticate(body["email"], body["password"])
    if token is None:
        raise HTTPException(401)
    return {"data": {"token": token}}


@router.post("/legacy-login")
async def legacy_login(username: str, password: str) -> None: ...


def build(title: str = "Messenger") -> FastAPI:
    app = FastAPI(title=title)
    app.container = Container()
    app.include_router(router)
    return app
