import bcrypt
from fastapi import Depends, FastAPI, Form, HTTPException, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from payments.database import new_async_session
from payments.models import Account
from payments.security import create_token, current_account

app = FastAPI()
accounts = FastAPI()
admin = FastAPI()


@accounts.post("/sign-in")
async def sign_in(
    response: Response,
    email: str = Form(),
    password: str = Form(),
    session: AsyncSession = Depends(new_async_session),
) -> dict[str, int]:
    account = await session.scalar(select(Account).where(Account.email == email))
    stored = account.encrypted_password.encode() if account else b""
    if account is None or not bcrypt.checkpw(password.encode(), stored):
        raise HTTPException(401)
    response.set_cookie("access_token", create_token(account), httponly=True, path="/accounts")
    return {"id": account.id}


@accounts.get("/me")
async def me(account: Account = Depends(current_account)) -> dict[str, str]:
    return {"email": account.email}


@admin.get("/health")
async def health() -> str:
    return "well"


app.mount("/accounts", accounts)
app.mount("/admin", admin)
