"""Requests that are tried: what the application answers, or that it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from test_harness.auth.flows.steps_sync import MakeClient, enter, get_in
from test_harness.auth.styles import Credential, style
from test_harness.errors import LoginError
from test_harness.observation.answers import is_answer, lets_see, mended
from test_harness.observation.notebook import Notebook
from test_harness.settings import settings

# How often a payload is mended.
ROUNDS = 3


def tried(step: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """Return what a step returns, None where it raises: what an application raises is no answer.

    Args:
        step: Sends a request.
        given: What it is given.
        named: What it is given by name.
    """
    try:
        return step(*given, **named)
    except Exception:  # noqa: BLE001 - the checks, which do the same, say what is wrong
        return None


def mended_step(
    notebook: Notebook, name: str, step: Callable[..., Any], *given: Any
) -> tuple[Any, str]:
    """Take a step of `[flows]`, again with the fields that its answer says were not sent.

    Args:
        notebook: Has the settings that are tried.
        name: Of the step, such as `signup`.
        step: Sends its request.
        given: What it is given.

    Returns:
        The last answer, None where the application fails, and the payload that it is to.
    """
    payload = getattr(settings().flows, f"{name}_payload")
    for _ in range(ROUNDS):
        with notebook.trying({f"flows.{name}_payload": payload}):
            response = tried(step, *given)
        better = mended(payload, response)
        if better == payload:
            break
        payload = better
    return response, payload


def lets_in(make_client: MakeClient, user: Any, password: str) -> bool:
    """Tell whether somebody gets in with a password.

    Args:
        make_client: Makes clients on the application.
        user: Who it is, or the account of somebody.
        password: What is said to be the password.
    """
    response = tried(enter, make_client, user, password)
    return response is not None and lets_see(page_after(make_client, response))


def is_no_way_in(make_client: MakeClient, response: Any) -> bool:
    """Tell whether the answer to a login refuses it: whatever its status is, nobody gets in by it.

    Args:
        make_client: Makes clients on the application.
        response: The answer; None where the application failed.
    """
    if not is_answer(response):
        return False
    return response.status_code >= 400 or not lets_see(page_after(make_client, response))


def page_after(make_client: MakeClient, login: Any) -> Any:
    """Return the answer of the protected path to who has logged in; None to who has not."""
    if settings().auth.style == "http_basic":
        return login
    try:
        credential = style().from_login(login)
    except LoginError:
        return None
    return shown_to(make_client, credential)


def shown_to(make_client: MakeClient, credential: Credential) -> Any:
    """Return the answer of the protected path to a credential, None where it fails."""
    return tried(get_in, make_client, credential)
