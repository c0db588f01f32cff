"""The hasher of an application is called as it wants to be."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from test_harness.application import passwords
from test_harness.application.passwords import PASSWORD, hashed_password
from tests.projects import harness_toml, project_in
from tests.worlds import build_tree


def by_position(password: str) -> str:
    return password[::-1]


def by_name(*, password: str, rounds: int = 4) -> str:
    return password[::-1] * bool(rounds)


def by_either(*given: str, password: str = "") -> str:
    return (given[0] if given else password)[::-1]


@pytest.fixture(params=[by_position, by_name, by_either])
def hasher(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., str]]:
    auth = f"""[auth]
style = "none"
password_hasher = "{__name__}:{request.param.__name__}"
"""
    monkeypatch.setattr(passwords, "application", object)
    files = {"tests/harness.toml": harness_toml() + auth}
    with project_in(build_tree(tmp_path, files) / "tests"):
        hashed_password.cache_clear()
        yield request.param
        hashed_password.cache_clear()


@pytest.mark.usefixtures("hasher")
def test_a_hasher_may_take_its_password_by_name_only() -> None:
    assert hashed_password() == PASSWORD[::-1]


class Base(DeclarativeBase):
    pass


class Keeper(Base):
    __tablename__ = "keepers"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    raw: Mapped[bytes]


@pytest.mark.parametrize("attribute", ["text", "raw"])
@pytest.mark.parametrize("hasher", ["bcrypt:hashpw", "hashlib:sha256"])
def test_a_library_that_handlers_call_themselves_hashes_for_the_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hasher: str, attribute: str
) -> None:
    auth = f"""[auth]
style = "none"
user_model = "{__name__}:Keeper"
user_password_attribute = "{attribute}"
password_hasher = "{hasher}"
"""
    monkeypatch.setattr(passwords, "application", object)
    library = SimpleNamespace(gensalt=lambda: b"salt", hashpw=lambda given, salt: salt + given)
    monkeypatch.setitem(sys.modules, "bcrypt", library)
    files = {"tests/harness.toml": harness_toml() + auth}
    with project_in(build_tree(tmp_path, files) / "tests"):
        hashed_password.cache_clear()
        stored = hashed_password()
        hashed_password.cache_clear()
    assert isinstance(stored, str if attribute == "text" else bytes)
    as_bytes = stored.encode() if isinstance(stored, str) else stored
    digest = hashlib.sha256(PASSWORD.encode()).hexdigest()
    assert as_bytes.decode() == ("salt" + PASSWORD if hasher == "bcrypt:hashpw" else digest)
