"""Applications that are a function: a request goes in, and a status and a body come out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from test_harness.application.clients import ANONYMOUS
from test_harness.errors import HarnessError
from test_harness.walk.models import Models
from test_harness.walk.steps import Aside, Sending, Steps
from test_harness.walk.visit import Request, Statement, Visit

Answer = tuple[int, Any] | Visit


class Base(DeclarativeBase):
    """What the classes below are mapped by."""


class User(Base):
    """Somebody."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)


class Project(Base):
    """What tasks lie in."""

    __tablename__ = "projects"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class TaskItem(Base):
    """Something to do."""

    __tablename__ = "task_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


MODELS = Models([User, Project, TaskItem])


@dataclass
class Somebody:
    """A principal."""

    name: str
    user: Mapping[str, Any] | None = None
    credential: Any = ANONYMOUS


@dataclass
class Rows:
    """A world of rows that no database has."""

    ours: dict[str, Any] = field(
        default_factory=lambda: {
            "users": {"id": 11, "username": "ada"},
            "projects": {"id": 21, "slug": "moon", "owner_id": 11},
            "task_items": {
                "id": 31, "title": "Fly", "status": "open", "project_id": 21, "assignee_id": 11,
            },
        }
    )  # fmt: skip
    theirs: dict[str, Any] = field(
        default_factory=lambda: {
            "users": {"id": 12, "username": "bob"},
            "projects": {"id": 22, "slug": "mars", "owner_id": 12},
        }
    )
    principals: dict[str, Somebody] = field(
        default_factory=lambda: {
            "anonymous": Somebody("anonymous"),
            "owner": Somebody("owner", {"id": 11, "username": "ada"}),
            "stranger": Somebody("stranger", {"id": 12, "username": "bob"}),
            "admin": Somebody("admin", {"id": 13, "username": "eve"}),
            "member": Somebody("member", {"id": 14, "username": "joe"}),
        }
    )
    absent: dict[str, HarnessError] = field(default_factory=dict)


def drive(steps: Steps[Any], app: Callable[[Request, str], Answer]) -> tuple[Any, list[Visit]]:
    """Take steps, have an application answer, and return what they return and what was sent."""
    visits: list[Visit] = []
    came: Any = None
    failed: Exception | None = None
    while True:
        try:
            step = steps.send(came) if failed is None else steps.throw(failed)
        except StopIteration as end:
            return end.value, visits
        came = failed = None
        try:
            if isinstance(step, Sending):
                came = visit_of(step, app(step.request, step.principal))
                visits.append(came)
            elif isinstance(step, Aside):
                came, more = drive(step.steps, app)
                visits += more
            else:
                assert callable(step)
                came = step()
        except Exception as error:  # noqa: BLE001 - whatever it is, the steps are told
            failed = error


def visit_of(step: Sending, answer: Answer) -> Visit:
    """Return what came of a request."""
    if isinstance(answer, Visit):
        return answer
    status, body = answer
    text = body if isinstance(body, str) else json.dumps(body)
    return Visit(step.principal, step.request, status, {}, text)


def asked(request: Request, status: int, body: Any, *statements: Statement) -> Visit:
    """Return an answer together with what the database was asked."""
    return Visit("owner", request, status, {}, json.dumps(body), statements=statements)
