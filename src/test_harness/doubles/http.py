"""A double of HTTP APIs: what httpx, httpx2 and requests would send is answered by the test."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from test_harness.errors import HarnessError
from test_harness.lock.callers import caller


class UnansweredError(HarnessError):
    """A request went out that the test has no answer for.

    Args:
        who: Who sent it.
        call: What was sent.
    """

    def __init__(self, who: str, call: Call) -> None:
        super().__init__(
            f"{who} sent {call.method} {call.url}, which the test has no answer for.",
            f'Give one: http_double.answer("{call.method}", "{call.url}", json={{}}).',
        )


@dataclass(frozen=True)
class Call:
    """A request as it was sent."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """The body, decoded from JSON."""
        return json.loads(self.content)


@dataclass
class Answer:
    """What a request is answered with."""

    method: str
    url: str
    status: int
    headers: dict[str, str]
    content: bytes
    error: Exception | None
    calls: list[Call] = field(default_factory=list)
    is_needed: bool = True


class HttpDouble:
    """Answers requests, and remembers them.

    Attributes:
        calls: All requests, oldest first.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._answers: list[Answer] = []

    def answer(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        text: str = "",
        status: int = 200,
        headers: dict[str, str] | None = None,
        error: Exception | None = None,
    ) -> Answer:
        """Answer a request from now on; of several answers to the same, the newest counts.

        Args:
            method: GET, POST and so on.
            url: The whole address; without a query it stands for any.
            json: The body, to be encoded.
            text: The body as it is, where there is no `json`.
            status: The status.
            headers: Headers.
            error: What is raised instead, such as `httpx2.ConnectTimeout("late")`.
        """
        kind = {} if json is None else {"content-type": "application/json"}
        body = text if json is None else _encoded(json)
        made = Answer(method, url, status, {**kind, **(headers or {})}, body.encode(), error)
        self._answers.append(made)
        return made

    def offer(self, method: str, url: str, **answer: Any) -> Answer:
        """Answer a request that need not come; the rest is as with `answer`."""
        made = self.answer(method, url, **answer)
        made.is_needed = False
        return made

    def health(self, url: str, *, well: bool = True) -> Answer:
        """Answer a health check of a service, which need not come.

        Args:
            url: The whole address, such as `https://rates.example.com/health`.
            well: Whether the service is: 200 and `{"status": "ok"}`, or 503.
        """
        status, said = (200, "ok") if well else (503, "unavailable")
        return self.offer("GET", url, json={"status": said}, status=status)

    def unused(self) -> list[str]:
        """Return the answers that nobody asked for."""
        return [
            f"{answer.method} {answer.url}"
            for answer in self._answers
            if answer.is_needed and not answer.calls
        ]

    def receive(self, call: Call) -> Answer:
        """Return the answer to a request.

        Raises:
            UnansweredError: There is none.
        """
        self.calls.append(call)
        for answer in reversed(self._answers):
            plain = call.url.partition("?")[0] if "?" not in answer.url else call.url
            if (answer.method, answer.url.rstrip("/")) == (call.method, plain.rstrip("/")):
                answer.calls.append(call)
                if answer.error is not None:
                    raise answer.error
                return answer
        raise UnansweredError(caller(), call)


def _encoded(data: Any) -> str:
    return json.dumps(data)


@pytest.fixture
def http_double(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpDouble]:
    """Answers what the application sends to others; an answer nobody asked for is a failure."""
    double = HttpDouble()
    for package in ("httpx", "httpx2"):
        if importlib.util.find_spec(package):
            _take_over_httpx(monkeypatch, importlib.import_module(package), double)
    if importlib.util.find_spec("requests"):
        _take_over_requests(monkeypatch, double)
    yield double
    unused = double.unused()
    assert not unused, f"nobody sent {', '.join(unused)}"


def _take_over_httpx(patch: pytest.MonkeyPatch, package: Any, double: HttpDouble) -> None:
    def answered(request: Any, content: bytes) -> Any:
        call = Call(request.method, str(request.url), dict(request.headers), content)
        answer = double.receive(call)
        return package.Response(
            answer.status, headers=answer.headers, content=answer.content, request=request
        )

    def handle(self: Any, request: Any) -> Any:
        return answered(request, request.read())

    async def handle_async(self: Any, request: Any) -> Any:
        return answered(request, await request.aread())

    patch.setattr(package.HTTPTransport, "handle_request", handle)
    patch.setattr(package.AsyncHTTPTransport, "handle_async_request", handle_async)


def _take_over_requests(patch: pytest.MonkeyPatch, double: HttpDouble) -> None:
    import io

    import requests
    from urllib3 import HTTPResponse

    def send(self: Any, request: Any, **options: Any) -> Any:
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else body
        answer = double.receive(Call(request.method, request.url, dict(request.headers), content))
        raw = HTTPResponse(
            io.BytesIO(answer.content),
            headers=answer.headers,
            status=answer.status,
            preload_content=False,
        )
        return self.build_response(request, raw)

    patch.setattr(requests.adapters.HTTPAdapter, "send", send)
