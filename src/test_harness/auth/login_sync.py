"""The real login of a user, from the page it starts at to the answer."""

from __future__ import annotations

from typing import Any

import httpx2

from test_harness.auth import forms
from test_harness.auth.styles import PASSWORD, login_path, login_request
from test_harness.settings import settings


def log_in(client: httpx2.Client, user: Any, password: str = PASSWORD) -> httpx2.Response:
    """Send what logs `user` in, and return the answer, whatever it is.

    Raises:
        LoginError: The page that the login starts at is not as harness.toml says.
    """
    fields: dict[str, str] = {}
    if forms.is_fetched():
        page = client.get(settings().auth.csrf_page or login_path(user))
        fields = forms.fields_from(page)
    request = login_request(user, password, fields)
    return client.post(**request, headers=forms.headers_from(client))
