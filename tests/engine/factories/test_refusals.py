"""Patterns by which classes refuse values are read as their validators and listeners mean them."""

from __future__ import annotations

import functools
import re
from typing import Any

import pytest
from sqlalchemy import event, inspect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, validates

from test_harness.factories.refusals import refusals_of


class Base(DeclarativeBase):
    pass


class Parcel(Base):
    __tablename__ = "parcels"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    mail: Mapped[str]
    phone: Mapped[str]
    street: Mapped[str]

    @validates("code")
    def check_code(self, key: str, value: str) -> str:
        if not re.match(r"PK|\d{3}", value):
            raise ValueError(key)
        return value

    @validates("mail", "phone")
    def check_one_of_them(self, key: str, value: str) -> str:
        if key == "phone":
            if not re.match(r"\+\d+", value):
                raise ValueError(key)
        elif value == "":
            raise ValueError(key)
        return value


@event.listens_for(Parcel, "before_insert")
def check_street(mapper: Any, connection: Any, target: Parcel) -> None:
    if not re.search(r"street$", target.street):
        raise ValueError(target.street)


def note(kind: str, mapper: Any, connection: Any, target: Parcel) -> None:
    """See a row, and refuse none."""


event.listen(Parcel, "before_insert", functools.partial(note, "new"), raw=True, retval=True)


def asked(key: str) -> list[Any]:
    found = refusals_of(inspect(Parcel), {"code", "mail", "phone", "street"})
    return [one for one in found if one.columns == {key}]


@pytest.mark.parametrize(
    ("key", "value", "holds"),
    [
        ("code", "PK1", True),
        ("code", "123", True),
        ("code", "no 123", False),
        ("phone", "+49", True),
        ("phone", "49", False),
        ("street", "High street", True),
        ("street", "Broadway", False),
    ],
)
def test_a_value_is_refused_as_the_class_refuses_it(key: str, value: str, holds: bool) -> None:
    [check] = asked(key)
    assert check.node({key: value}) is holds


def test_what_is_asked_of_one_attribute_is_asked_of_no_other() -> None:
    assert asked("mail") == []
