"""What nobody says may be empty has a value in a row, though the database could do without."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.factories.test_database_facts import project_of

MODELS = """

class Person(Base):
    __tablename__ = "people"
    __table_args__ = (sa.CheckConstraint("phone IS NULL OR length(phone) > 3"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    image: Mapped[str] = mapped_column(sa.String(100), nullable=True)
    bio: Mapped[str | None]
    motto: Mapped[str | None] = mapped_column(sa.String(20))
    plain = mapped_column(sa.String(20))
    price = mapped_column(sa.Numeric(10, 2))
    empty = mapped_column(sa.String(20), nullable=True)
    served = mapped_column(sa.String(20), server_default="x")
    born = mapped_column(sa.Date)
    phone: Mapped[str] = mapped_column(sa.String(20), nullable=True)
    reset_token: Mapped[str] = mapped_column(sa.String(20), nullable=True)
    age: Mapped[int] = mapped_column(nullable=True)
    seen: Mapped[str] = mapped_column(sa.String(20), nullable=True, default="never")
"""
TEXTS = "image bio motto plain price empty served born phone reset_token seen"
COLUMNS = "id INTEGER PRIMARY KEY, age INTEGER, " + ", ".join(
    f"{name} VARCHAR(100)" for name in TEXTS.split()
)


def test_what_nobody_says_may_be_empty_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = f'op.execute("CREATE TABLE people ({COLUMNS})")'
    with project_of(tmp_path, "sqlite", MODELS, made, monkeypatch) as (_, models):
        from test_harness.factories.plan import plan_of

        assert [*plan_of(models.Person).declarations] == ["image", "plain", "price", "age"]
