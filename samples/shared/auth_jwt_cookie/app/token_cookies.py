"""The cookies of a client that is logged in."""

from app.cookies import Response, delete_cookie, set_cookie
from app.credentials import ACCESS_COOKIE, REFRESH_COOKIE, REFRESH_PATH
from app.csrf import CSRF_COOKIE, new_csrf_token
from app.services.sessions import Tokens


def set_tokens(response: Response, tokens: Tokens) -> None:
    """Have the client keep its tokens."""
    set_cookie(response, ACCESS_COOKIE, tokens.access_token)
    set_cookie(response, REFRESH_COOKIE, tokens.refresh_token, REFRESH_PATH)
    set_cookie(response, CSRF_COOKIE, new_csrf_token(), readable=True)


def delete_tokens(response: Response) -> None:
    """Have the client forget its tokens."""
    delete_cookie(response, ACCESS_COOKIE)
    delete_cookie(response, REFRESH_COOKIE, REFRESH_PATH)
    delete_cookie(response, CSRF_COOKIE)
