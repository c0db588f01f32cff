"""Looks for where accounts are opened, and at what is refused there, where no login shows it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from test_harness.application.candidates import LOOKS
from test_harness.application.routes import routes_of
from test_harness.auth.flows.account import Account
from test_harness.auth.flows.steps_async import MakeClient, sign_up
from test_harness.observation.answers import mended, refuses, went_well
from test_harness.observation.notebook import Notebook
from test_harness.observation.tries_async import ROUNDS, lets_in, mended_step, tried
from test_harness.settings import settings

# Each is asked a few times.
MOST = 3


def paths_in(app: Any) -> list[str]:
    """Return what looks like it and asks for nothing in its path, the likeliest first.

    Args:
        app: The application.
    """
    _, words = LOOKS["flows.signup_path"]
    found = [
        route.path
        for route in routes_of(app)
        if route.method == "POST" and not route.parameters and re.search(words, route.path, re.I)
    ]
    return sorted(found, key=lambda path: path.rstrip("/").endswith("users"))[:MOST]


async def test_where_accounts_are_opened(
    started_app: Any, make_client: MakeClient, notebook: Notebook, db: Any
) -> None:
    auth, flows = settings().auth, settings().flows
    if flows.signup_path or not (notebook.knows_the_login and auth.user_password_attribute):
        return
    for path in paths_in(started_app):
        login = "$email" if "mail" in auth.login_field.lower() else "$login"
        payload = json.dumps({auth.login_field: login, auth.password_field: "$password"})
        for _ in range(ROUNDS):
            account = Account.new()
            tried_now = {"flows.signup_path": path, "flows.signup_payload": payload}
            with notebook.trying(tried_now):
                response = await tried(sign_up, make_client, account)
            better = mended(payload, response)
            if better == payload:
                break
            payload = better
        if went_well(response) and await lets_in(make_client, account, account.password):
            what = "a new account, who gets in then,"
            notebook.saw("flows.signup_path", path, what, response)
            notebook.saw("flows.signup_payload", payload, "a new account", response)
            return


async def test_what_a_signup_refuses(make_client: MakeClient, notebook: Notebook, db: Any) -> None:
    """Where nobody was seen to get in, what is refused is all that tells how that is done."""
    flows = settings().flows
    if notebook.knows_the_login or not flows.signup_path:
        return
    account = Account.new()
    response, payload = await mended_step(notebook, "signup", sign_up, make_client, account)
    if not went_well(response):
        return
    notebook.saw("flows.signup_payload", payload, "what it said was missing", response)
    notebook.saw("flows.signup_status", response.status_code, "a new account", response)
    again = await tried(sign_up, make_client, account)
    if refuses(again):
        notebook.saw("flows.signup_again_status", again.status_code, "an account again", again)
    for password in flows.weak_passwords.split():
        weak = replace(Account.new(), password=password)
        answer = await tried(sign_up, make_client, weak)
        if refuses(answer):
            status = answer.status_code
            notebook.saw("flows.weak_password_status", status, "a weak password", answer)
