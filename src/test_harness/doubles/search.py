"""A double of search engines, in the memory of the process: Elasticsearch, OpenSearch, Meilisearch.

Documents are kept by index and identifier. A search finds those that have every word of the query,
in the order in which they came; what else a server does with them (analysis, scores, aggregations)
is for tests against a server.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from test_harness.doubles.indices import Search

ELASTIC_HEADERS = {"x-elastic-product": "Elasticsearch", "content-type": "application/json"}

SEARCH = Search()


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Have the double keep after the block what it kept before."""
    before = copy.deepcopy(SEARCH.indices)
    try:
        yield
    finally:
        SEARCH.indices.clear()
        SEARCH.indices.update(before)


def _take_over_elasticsearch() -> None:
    transport = importlib.import_module("elastic_transport")

    def answered(method: str, target: str, body: Any) -> Any:
        status, said = SEARCH.answer(method, target, body)
        node = transport.NodeConfig("http", "localhost", 9200)
        headers = transport.HttpHeaders(ELASTIC_HEADERS)
        meta = transport.ApiResponseMeta(
            status=status, http_version="1.1", headers=headers, duration=0.0, node=node
        )
        return transport.TransportApiResponse(meta, said)

    def perform(self: Any, method: str, target: str, *, body: Any = None, **rest: Any) -> Any:
        return answered(method, target, body)

    async def perform_async(
        self: Any, method: str, target: str, *, body: Any = None, **rest: Any
    ) -> Any:
        return answered(method, target, body)

    transport.Transport.perform_request = perform
    transport.AsyncTransport.perform_request = perform_async


def _take_over_opensearch() -> None:
    opensearch = importlib.import_module("opensearchpy")

    def answered(method: str, url: str, params: Any, body: Any) -> Any:
        status, said = SEARCH.answer(method, url, body)
        if method == "HEAD":
            return status < 300
        ignored = (params or {}).get("ignore", ())
        if status >= 300 and status not in (ignored if isinstance(ignored, tuple) else (ignored,)):
            kind = opensearch.exceptions.HTTP_EXCEPTIONS.get(
                status, opensearch.exceptions.TransportError
            )
            raise kind(status, said.get("error", {}).get("type", ""), said)
        return said

    def perform(
        self: Any, method: str, url: str, *, params: Any = None, body: Any = None, **rest: Any
    ) -> Any:
        return answered(method, url, params, body)

    async def perform_async(
        self: Any, method: str, url: str, *, params: Any = None, body: Any = None, **rest: Any
    ) -> Any:
        return answered(method, url, params, body)

    opensearch.Transport.perform_request = perform
    with contextlib.suppress(ImportError):  # aiohttp is not installed.
        transport = importlib.import_module("opensearchpy._async.transport").AsyncTransport
        transport.perform_request = perform_async


def _take_over_meilisearch() -> None:
    requests = importlib.import_module("meilisearch._httprequests").HttpRequests

    def send(
        self: Any, http_method: Any, path: str, body: Any = None, *rest: Any, **more: Any
    ) -> Any:
        given = json.loads(body) if isinstance(body, (str, bytes)) else body
        return SEARCH.of_meilisearch(http_method.__name__.upper(), path, given)

    requests.send_request = send


# At import, because the application may make its client while it is imported.
for _take_over in (_take_over_elasticsearch, _take_over_opensearch, _take_over_meilisearch):
    with contextlib.suppress(ImportError):  # That client is not installed.
        _take_over()


@pytest.fixture(autouse=True)
def search_double() -> Search:
    """What is kept, which is nothing at first: `search_double.documents("articles")`."""
    SEARCH.indices.clear()
    return SEARCH
