from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse

from clinic.database import get_db
from clinic.domain import Doctor

hasher = PasswordHasher()


async def login(request: Request) -> JSONResponse:
    form = await request.form()
    found = await get_db(request).scalar(select(Doctor).where(Doctor.email == form["email"]))
    try:
        hasher.verify(found.password_hash if found else "", form["password"])
    except VerifyMismatchError:
        return JSONResponse({"error": "wrong"}, 401)
    request.session["doctor_id"] = found.id
    return JSONResponse({"id": found.id})


async def me(request: Request) -> JSONResponse:
    if "doctor_id" not in request.session:
        return JSONResponse({"error": "who are you?"}, 401)
    return JSONResponse({"id": request.session["doctor_id"]})


async def health(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})
