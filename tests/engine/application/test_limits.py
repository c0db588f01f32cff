"""What counts requests is switched off wherever the application keeps it."""

from __future__ import annotations

import asyncio
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from test_harness.application.protections import RATE_LIMITS, Protections


class Limiter:
    """As slowapi and Flask-Limiter have it."""

    enabled = True
    counted = 3

    def reset(self) -> None:
        self.counted = 0


class RateLimiter:
    """As fastapi-limiter has it: how many milliseconds there are to wait."""

    async def _check(self, key: str) -> int:
        return len(key)


class FixedWindow:
    """As limits has it: whether one more is allowed."""

    def hit(self, item: str) -> bool:
        return item == "allowed"


def have(monkeypatch: pytest.MonkeyPatch, name: str, **content: Any) -> None:
    module = ModuleType(name)
    vars(module).update(content)
    monkeypatch.setitem(__import__("sys").modules, name, module)


def test_limiters_that_nothing_points_to_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, "slowapi", Limiter=Limiter)
    have(monkeypatch, "fastapi_limiter.depends", RateLimiter=RateLimiter)
    have(monkeypatch, "limits.strategies", FixedWindow=FixedWindow)
    limiter = Limiter()
    found = Protections(SimpleNamespace())

    def seen() -> tuple[bool, int, bool]:
        waits = asyncio.run(RateLimiter()._check("me"))
        return limiter.enabled, waits, FixedWindow().hit("late")

    assert seen() == (True, 2, False)
    found.switch_off()
    assert seen() == (False, 0, True)
    with found.switched_on(RATE_LIMITS) as there:
        assert there
        assert (seen(), limiter.counted) == ((True, 2, False), 0)
    assert seen() == (False, 0, True)
    for switch in found._switches:
        switch.set(switch.on)


def test_an_application_without_any_has_nothing_to_switch() -> None:
    with Protections(SimpleNamespace()).switched_on(RATE_LIMITS) as there:
        assert not there
