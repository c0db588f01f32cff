"""A relationship whose other side leads back to another one is set by its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.factories.test_database_facts import project_of

MODELS = """
from sqlalchemy.orm import relationship


class Person(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    leads: Mapped[list["Follow"]] = relationship(
        foreign_keys="Follow.leader_id", back_populates="leader"
    )
    follows: Mapped[list["Follow"]] = relationship(
        foreign_keys="Follow.follower_id", back_populates="follower"
    )


class Follow(Base):
    __tablename__ = "follows"
    id: Mapped[int] = mapped_column(primary_key=True)
    leader_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    follower_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    leader: Mapped[Person] = relationship(foreign_keys=[leader_id], back_populates="LEADER")
    follower: Mapped[Person] = relationship(foreign_keys=[follower_id], back_populates="FOLLOWER")
"""
TABLES = """op.execute("CREATE TABLE people (id INTEGER PRIMARY KEY)")
op.execute(
    "CREATE TABLE follows (id INTEGER PRIMARY KEY, leader_id INTEGER NOT NULL,"
    " follower_id INTEGER NOT NULL)"
)"""
RIGHT = ("leads", "follows")


@pytest.mark.parametrize(
    ("names", "parents"),
    [(RIGHT, {"leader", "follower"}), (RIGHT[::-1], set())],
    ids=["right", "contradicted"],
)
def test_rows_are_made_whatever_the_other_side_leads_to(
    names: tuple[str, str], parents: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = MODELS.replace("LEADER", names[0]).replace("FOLLOWER", names[1])
    with project_of(tmp_path, "sqlite", text, TABLES, monkeypatch) as (_, models):
        from test_harness.factories.base import factory_for
        from test_harness.factories.reading import read

        made = factory_for(models.Follow).build()
        assert {*read(models.Follow).parents} == parents
        assert (made.leader is not None) is bool(parents)
