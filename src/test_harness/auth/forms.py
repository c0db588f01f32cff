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
        if tag in {"input", "meta"} and given.get("name"):
            self.values[str(given["name"])] = given.get("value") or given.get("content") or ""


def inputs_of(page: str) -> dict[str, str]:
    """Return what the fields of forms, and what is said of a page, hold in HTML, by their names."""
    inputs = _Inputs()
    inputs.feed(page)
    return inputs.values


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
    value = inputs_of(page.text).get(name)
    if not value:
        raise refused(
            f"The page with the login has no field {name!r}.",
            "Correct [auth] csrf_field and csrf_page in harness.toml.",
            page,
        )
    return {name: value}


def headers_from(client: Any) -> dict[str, str]:
    """Return the header that repeats a cookie which a page has set."""
    auth = settings().auth
    cookies = {cookie.name: cookie.value for cookie in client.cookies.jar}
    given = cookies.get(auth.csrf_cookie)
    return {auth.csrf_header: given} if auth.csrf_header and given else {}
