"""How a synchronous client speaks to an asynchronous application: through an event loop.

Starlette's TestClient runs one in a thread; here the application answers in a loop that the tests
know, where its connections live, and a request costs what it costs an asynchronous client.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2

from test_harness.application.lifespan import served


class LoopTransport(httpx2.BaseTransport):
    """Has an ASGI application answer in an event loop.

    Args:
        app: The application.
        loop: The loop, which must not be running when a request is sent.
    """

    def __init__(self, app: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._application = httpx2.ASGITransport(app=served(app))
        self._loop = loop

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._loop.run_until_complete(self._answer(request))

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._application.handle_async_request(request)
        content = await response.aread()
        return httpx2.Response(
            response.status_code, headers=response.headers, content=content, request=request
        )
