"""Assertions on responses that show the request and the body when they fail."""

from __future__ import annotations

from typing import Any

import pytest

SHOWN_CHARACTERS = 2000


def assert_status(response: Any, status: int) -> Any:
    """Check the status code and return the decoded body; None when it is empty or is no JSON.

    Args:
        response: A response of httpx or of a client with its interface.
        status: The one status code that is right.
    """
    __tracebackhide__ = True
    if response.status_code != status:
        request = response.request
        pytest.fail(
            f"{request.method} {request.url} answered {response.status_code}, not {status}.\n"
            f"Request body:  {_shown(request.read())}\n"
            f"Response body: {_shown(response.content)}",
            pytrace=True,
        )
    is_json = "json" in response.headers.get("content-type", "")
    return response.json() if response.content and is_json else None


def _shown(body: bytes) -> str:
    text = body.decode(errors="replace")
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]} ..."
