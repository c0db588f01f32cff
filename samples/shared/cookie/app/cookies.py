"""How cookies are set: for https only, and not sent along from other sites."""

from typing import Literal, Protocol

from app.config import settings


class Response(Protocol):
    """The responses of all frameworks take cookies alike."""

    def set_cookie(
        self,
        key: str,
        value: str,
        *,
        max_age: int,
        path: str,
        secure: bool,
        httponly: bool,
        samesite: Literal["lax"],
    ) -> None:
        """Have the client keep a cookie."""


def set_cookie(
    response: Response, name: str, value: str, path: str = "/", *, readable: bool = False
) -> None:
    """Have the client keep a cookie until its session ends; scripts see only a readable one."""
    response.set_cookie(
        name,
        value,
        max_age=settings.session_days * 24 * 60 * 60,
        path=path,
        secure=settings.secure_cookies,
        httponly=not readable,
        samesite="lax",
    )


def delete_cookie(response: Response, name: str, path: str = "/") -> None:
    """Have the client forget a cookie."""
    response.set_cookie(
        name,
        "",
        max_age=0,
        path=path,
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
