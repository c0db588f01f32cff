"""What a login sends against forged requests: a field of its form, or a header beside a cookie."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from test_harness.application.protections import CSRF, protections
from test_harness.auth.answers import refused
from test_harness.settings import settings


class _Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input":
            self.values[name] = given.get("value") or ""
        elif tag == "meta":
            self.values[name] = given.get("content") or ""


def is_fetched() -> bool:
    """Tell whether a client has to get a page before it can log in."""
    auth = settings().auth
    return bool(auth.csrf_page or (auth.csrf_field and not protections().is_off(CSRF)))


def fields_from(page: Any) -> dict[str, str]:
    """Return the field of the form on a page that shows where a login comes from.

    Raises:
        LoginError: The page does not have it.
    """
    name = settings().auth.csrf_field
    if not name:
        return {}
    inputs = _Inputs()
    inputs.feed(page.text)
    if not inputs.values.get(name):
        raise refused(
            f"The page with the login has no field {name!r}.",
            "Correct [auth] csrf_field and csrf_page in harness.toml.",
            page,
        )
    return {name: inputs.values[name]}


def headers_from(client: Any) -> dict[str, str]:
    """Return the header that repeats a cookie which a page has set."""
    auth = settings().auth
    cookies = {cookie.name: cookie.value for cookie in client.cookies.jar}
    given = cookies.get(auth.csrf_cookie)
    return {auth.csrf_header: given} if auth.csrf_header and given else {}
