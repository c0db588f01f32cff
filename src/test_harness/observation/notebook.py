"""Where what was seen is noted: what is as it was read, and what is otherwise."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from test_harness.application.routes import Route, route_for
from test_harness.auth.refusals import LIKE
from test_harness.observation.answers import most_common
from test_harness.settings import ENVIRONMENT_PREFIX, correct, settings
from test_harness.settings.observed import Observation, write_observed

# What was done, for who reads it later.
SHOWN = {
    "missing": "no credential",
    "tampered": "a changed credential",
    "foreign_key": "one signed with another key",
    "foreign_user": "another user under its signature",
    "expired": "one that has ended",
    "malformed": "one that is none",
    "unsigned": "one without a signature",
    "other_algorithm": "one signed in another way",
    "early": "one that begins later",
    "foreign_claim": "one for somebody else",
    "lacking_claim": "one that lacks a claim",
    "refresh_as_access": "a refresh token",
    "login_without_name": "no name",
    "login_without_password": "no password",
    "password_null": "null for a password",
    "password_object": "an object for a password",
    "password_list": "a list for a password",
    "body_nothing": "nothing",
    "body_half": "half of an object",
    "body_list": "a list",
    "body_null": "null",
    "refresh_malformed": "what is no token",
    "refresh_with_access": "an access token",
    "refresh_ended": "the token of a session that has ended",
    "verify_again": "a code that was used",
    "verify_guessed": "a changed code",
    "reset_again": "a code that was used",
    "reset_late": "a code that has ended",
    "reset_guessed": "a changed code",
    "reset_by_verification": "the code of a verification",
    "invite_again": "an invitation that was accepted",
    "invite_late": "an invitation that has ended",
    "invite_guessed": "a changed invitation",
    "invite_cancelled": "an invitation that was cancelled",
    "weak_at_reset": "a weak password",
    "ended_by_reset": "what was shown before a reset",
    "ended_by_reuse": "what was shown before a refresh token came back",
}


class Notebook:
    """Notes settings that were seen, and has this process go on by them.

    Args:
        observed: The file for what is otherwise than `harness.toml` says.
        report: The file for what `test-harness check` says of it.
    """

    def __init__(self, observed: Path, report: Path) -> None:
        self._observed = observed
        self._report = report
        self._found: dict[str, Observation] = {}
        self._confirmed: list[str] = []
        self._faults: list[str] = []
        self.routes: list[Route] = []
        self.knows_the_login = False

    def __contains__(self, name: str) -> bool:
        """Tell whether something is noted of a setting."""
        return name in self._found or name in self._confirmed

    @contextmanager
    def trying(self, values: Mapping[str, Any]) -> Iterator[None]:
        """Within the block settings are others: `{"auth.token_field": "token"}`."""
        correct({**self._values, **values})
        try:
            yield
        finally:
            correct(self._values)

    @property
    def _values(self) -> dict[str, Any]:
        return {name: one.value for name, one in self._found.items()}

    def saw(self, name: str, value: int | str, what: str, response: Any = None) -> None:
        """Note what a setting was seen to be; what was noted first stays.

        Args:
            name: `section.key`.
            value: What it was seen to be.
            what: What was sent, or all that was seen where there is no answer.
            response: The answer.
        """
        section, _, key = name.partition(".")
        before = getattr(getattr(settings(), section), key)
        is_set = f"{ENVIRONMENT_PREFIX}{section}_{key}".upper() in os.environ
        if is_set or name in self:
            return
        if value == before:
            self._confirmed.append(name)
        else:
            seen, where = what, ""
            if response is not None:
                request = response.request
                seen = f"{request.method} {request.url.path} with {what} answered "
                seen += str(response.status_code)
                route = route_for(self.routes, request.method, request.url.path)
                where = route.where if route else ""
            self._found[name] = Observation(section, key, value, before, seen, where)
            write_observed(self._observed, self._found.values())
            correct(self._values)
        self._write_report()

    def saw_refusals(self, answers: Mapping[str, Any]) -> None:
        """Note how what has to be refused was: most of it like each other, and some on its own.

        Args:
            answers: By the names of the refusals, which are like each other. None is for what was
                not refused, or ended in an error: it is not noted, and stays wrong.
        """
        refusing = {name: one for name, one in answers.items() if one is not None}
        if not refusing:
            return
        statuses = {name: one.status_code for name, one in refusing.items()}
        like = LIKE[next(iter(answers))]
        section, _, key = like.partition(".")
        usual = most_common(statuses, getattr(getattr(settings(), section), key))
        first = next(name for name, status in statuses.items() if status == usual)
        self.saw(like, usual, SHOWN[first], refusing[first])
        for name, answer in refusing.items():
            self.saw_alone(name, answer)

    def saw_alone(self, name: str, answer: Any) -> None:
        """Note how one refusal was answered, where it is not like those that it should be like.

        Args:
            name: Of the refusal.
            answer: What it was answered; None for what was not refused, or ended in an error.
        """
        section, _, key = LIKE[name].partition(".")
        usual = getattr(getattr(settings(), section), key)
        if answer is not None and answer.status_code != usual:
            self.saw(f"refusals.{name}", answer.status_code, SHOWN[name], answer)

    def broke(self, fault: str) -> None:
        """Note a mistake of the harness itself."""
        self._faults.append(fault)
        self._write_report()

    def _write_report(self) -> None:
        said = {
            "confirmed": self._confirmed,
            "corrected": [vars(one) for one in self._found.values()],
            "faults": self._faults,
        }
        self._report.write_text(json.dumps(said), encoding="utf-8")
