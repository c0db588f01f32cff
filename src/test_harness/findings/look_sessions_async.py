"""Looks at sessions and factories: nothing a test commits stays, and every model can be saved."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from test_harness.errors import IsolationError
from test_harness.factories.base import factory_for
from test_harness.factories.mapped import mapped_classes
from test_harness.findings.table import Finding
from test_harness.findings.unmade import causes_of
from test_harness.runtime.canary import COUNT, INSERT


async def test_session(db: AsyncSession, finding: Finding) -> None:
    await db.execute(text(INSERT), {"name": "committed"})
    await db.commit()
    if await db.scalar(text(COUNT)) != 1:
        raise IsolationError(
            "A session does not see what it committed itself.",
            "Look for an engine that connects before the harness is loaded.",
        )
    finding.saw("It sees what it commits.")


async def test_rollback(db: AsyncSession, finding: Finding) -> None:
    if await db.scalar(text(COUNT)):
        raise IsolationError(
            "What a session commits outlives its test.",
            "Look for an engine that connects before the harness is loaded.",
        )
    finding.saw("What the session committed is gone with its test.")


async def test_factories(db: AsyncSession, finding: Finding) -> None:
    models = mapped_classes()
    errors: dict[str, Exception] = {}
    for model in models:
        nested = await db.begin_nested()
        try:
            await factory_for(model).create_async()
        except Exception as error:  # noqa: BLE001 - whatever a model or the database objects to
            errors[model.__name__] = error
        await nested.rollback()
    for problem, fix in causes_of(errors):
        finding.warn(problem, fix)
    if not finding.lines:
        finding.saw(f"Each of {len(models)} models can be saved.")
