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
        loop: The loop; when it runs, a request is sent from another thread than the one it runs in.
    """

    def __init__(self, app: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._application = httpx2.ASGITransport(app=served(app))
        self._loop = loop

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self._answer(request)
        if self._loop.is_running() and not self._runs_here():
            return asyncio.run_coroutine_threadsafe(answer, self._loop).result()
        return self._loop.run_until_complete(answer)

    def _runs_here(self) -> bool:
        try:
            return asyncio.get_running_loop() is self._loop
        except RuntimeError:
            return False

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._application.handle_async_request(request)
        content = await response.aread()
        return httpx2.Response(
            response.status_code, headers=response.headers, content=content, request=request
        )
