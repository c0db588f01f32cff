"""The cookies of a browser that is logged in."""

from app.cookies import Response, delete_cookie, set_cookie
from app.credentials import SESSION_COOKIE
from app.csrf import CSRF_COOKIE, new_csrf_token


def set_session(response: Response, secret: str) -> None:
    """Have the browser keep the secret of its session."""
    set_cookie(response, SESSION_COOKIE, secret)
    set_cookie(response, CSRF_COOKIE, new_csrf_token(), readable=True)


def delete_session(response: Response) -> None:
    """Have the browser forget its session."""
    delete_cookie(response, SESSION_COOKIE)
    delete_cookie(response, CSRF_COOKIE)
