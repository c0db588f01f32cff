"""Requests that the schemas of an operation allow, made by chance, and answers that they do not.

Source of the technique: Schemathesis, https://schemathesis.readthedocs.io, which makes them by
Hypothesis. It is given a document with the one operation, so that it works for frameworks that have
none as well.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from test_harness.walk.operation import Operation
from test_harness.walk.visit import Visit

# How payloads are sent that can be made.
MEDIA_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}
# Of what is made for one request, the most that is shown.
SHOWN = 300


@dataclass(frozen=True)
class Made:
    """What a request says.

    Args:
        query: The parameters of its query.
        payload: What it sends; None for nothing.
    """

    query: Mapping[str, Any]
    payload: Any

    def __str__(self) -> str:
        said = [repr(self.payload)] if self.payload is not None else []
        return "; ".join([*(f"{key}={it!r}" for key, it in self.query.items()), *said])[:SHOWN]


def takes_something(operation: Operation) -> bool:
    """Tell whether there is something to be made for an operation."""
    return bool(operation.parameters_in("query")) or _has_payload(operation)


def known_to_schemathesis(operation: Operation) -> Any:
    """Return an operation as Schemathesis knows it, which takes as long as some requests.

    Raises:
        ImportError: Schemathesis is not installed.
    """
    import schemathesis

    said: dict[str, Any] = {
        "parameters": [
            {"name": it.name, "in": "path", "required": True, "schema": {"type": "string"}}
            for it in operation.parameters_in("path")
        ]
        + [
            {"name": it.name, "in": "query", "required": it.required, "schema": dict(it.schema)}
            for it in operation.parameters_in("query")
        ],
        "responses": {
            status: {"description": "", "content": {"application/json": {"schema": schema}}}
            for status, schema in operation.answers.items()
            if schema
        }
        or {"default": {"description": ""}},
    }
    if _has_payload(operation):
        content = {MEDIA_TYPES[operation.encoding]: {"schema": operation.body}}
        said["requestBody"] = {"required": True, "content": content}
    schema = schemathesis.openapi.from_dict(
        {
            "openapi": "3.1.0",
            "info": {"title": str(operation), "version": "1"},
            "paths": {operation.path: {operation.method.lower(): said}},
        }
    )
    return schema[operation.path][operation.method]


def made_for(known: Any, number: int) -> list[Made]:
    """Return so many requests at most, the shortest first; each run of a seed has the same.

    Args:
        known: What `known_to_schemathesis` returned for the operation.
        number: How many.
    """
    import hypothesis
    from schemathesis import GenerationMode

    # It keeps what it has computed in the working directory otherwise.
    hypothesis.configuration.set_hypothesis_home_dir(_folder())
    found: list[Made] = []
    strategy = known.as_strategy(generation_mode=GenerationMode.POSITIVE)
    calm = hypothesis.settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=[*hypothesis.HealthCheck],
    )

    @hypothesis.seed(random.getrandbits(64))
    @calm
    @hypothesis.given(strategy)
    def note(case: Any) -> None:
        payload = case.body if case.media_type else None
        found.append(Made(case.query or {}, payload))

    note()
    return sorted(found, key=lambda one: len(str(one)))


def wrong_answer(operation: Operation, known: Any, visit: Visit) -> str:
    """Return in what an answer is not what its schema says; empty if it is, or is a refusal.

    What frameworks say of refusals by themselves, applications answer in a form of their own.

    Args:
        operation: Whose answer it is.
        known: What `known_to_schemathesis` returned for it.
        visit: What came of a request.
    """
    import requests
    import schemathesis
    from schemathesis.core.failures import Failure, FailureGroup

    schema = operation.answers.get(str(visit.status))
    if not visit.opens or not schema or visit.json is None:
        return ""
    response = schemathesis.Response(
        status_code=visit.status,
        headers={"content-type": ["application/json"]},
        content=visit.text.encode(),
        request=requests.Request(operation.method, "http://localhost/").prepare(),
        elapsed=visit.seconds,
        verify=False,
    )
    try:
        known.validate_response(response)
    except (Failure, FailureGroup) as error:
        failure = error.exceptions[0] if isinstance(error, FailureGroup) else error
        return " ".join(str(failure).split())[:SHOWN]
    return ""


@cache
def _folder() -> str:
    return tempfile.mkdtemp(prefix="test-harness-hypothesis-")


def _has_payload(operation: Operation) -> bool:
    return bool(operation.body) and operation.encoding in MEDIA_TYPES
