"""What tells the harness's own databases, servers and files from those of somebody else."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import make_url

from test_harness.databases import postgresql_server
from test_harness.databases.database import given_address, make_database
from test_harness.databases.kept import kept_folder
from test_harness.databases.naming import PREFIX, RunName, is_half_made, is_left_over
from test_harness.databases.servers import port_of, shown_url
from test_harness.errors import ProvisioningError, SettingsError
from test_harness.lock.connections import LEAD_ELSEWHERE, Lock
from test_harness.lock.network import is_this_machine
from test_harness.settings import DatabaseSettings


@pytest.fixture
def ended() -> int:
    """The number of a process that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def mark(process: int) -> str:
    owner = RunName("shop", "1", "main").owner()
    return owner.replace(f"pid={os.getpid()} ", f"pid={process} ")


def test_a_database_of_a_process_that_lives_is_none_that_is_left_over(ended: int) -> None:
    assert not is_left_over(mark(os.getpid()))
    assert is_left_over(mark(ended))


def test_a_process_of_another_container_is_not_certainly_gone(ended: int) -> None:
    ours, _, space = mark(ended).rpartition(" space=")
    assert space
    assert not is_left_over(f"{ours} space={int(space) + 1}")
    assert not is_left_over(mark(ended).replace(socket.gethostname(), "elsewhere"))


def number(process: int) -> int:
    return RunName("shop", "1", "main").number() - os.getpid() + process


def test_a_database_without_its_mark_says_who_made_it(ended: int) -> None:
    assert is_half_made(number(ended))
    assert not is_half_made(number(os.getpid()))
    assert number(ended) < 1 << 31
    # No limit, one of a person, and one of another machine.
    assert not any(map(is_half_made, (-1, 100, number(ended) ^ (1 << 22))))


def test_what_a_killed_process_has_half_made_goes_with_the_next(ended: int) -> None:
    project = f"half_{os.getpid()}"
    settings = DatabaseSettings("postgresql", "psycopg", "app:Base", "")
    made, following = (make_database(settings, RunName(project, run, "")) for run in ("1", "2"))
    made.create()
    others = {
        "killed": number(ended),
        "living": number(os.getpid()),
        "foreign": number(ended) ^ (1 << 22),
        "somebodys": -1,
    }
    server = make_url(made.url("postgresql")).set(database="postgres")
    with postgresql_server.connect(server) as connection:
        try:
            for name, limit in others.items():
                connection.execute(
                    f"CREATE DATABASE {PREFIX}_{project}_{name} CONNECTION LIMIT {limit}"
                )
            following.create()
            left = [
                name
                for name in others
                if connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", (f"{PREFIX}_{project}_{name}",)
                ).fetchone()
            ]
            assert left == ["living", "foreign", "somebodys"]
        finally:
            made.drop()
            following.drop()
            for name in others:
                connection.execute(f"DROP DATABASE IF EXISTS {PREFIX}_{project}_{name}")


def test_a_mark_of_before_is_read(ended: int) -> None:
    assert is_left_over(f"{PREFIX} host={socket.gethostname()} pid={ended}")


@pytest.mark.parametrize("mode", [0o777, 0o720])
def test_a_folder_that_others_may_write_into_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = kept_folder()
    assert folder == tmp_path / f"{PREFIX}-{getpass.getuser()}"
    assert kept_folder() == folder
    folder.chmod(mode)
    with pytest.raises(ProvisioningError, match="others may write into it"):
        kept_folder()


def test_a_link_in_the_place_of_the_folder_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / f"{PREFIX}-{getpass.getuser()}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ProvisioningError, match="was made by somebody else"):
        kept_folder()


@pytest.mark.parametrize(
    ("host", "answers", "is_here"),
    [
        ("localhost", ["127.0.0.1", "::1"], True),
        ("127.0.0.1", ["127.0.0.1"], True),
        ("/run/postgresql", [], True),
        ("prod-db", ["10.0.0.7"], False),
        ("prod-db", ["127.0.0.1", "10.0.0.7"], False),
        ("gone", OSError("unknown"), False),
    ],
)
def test_a_short_name_may_be_anybodys(
    monkeypatch: pytest.MonkeyPatch, host: str, answers: list[str] | OSError, is_here: bool
) -> None:
    def getaddrinfo(*_: object) -> list[tuple[object, ...]]:
        if isinstance(answers, OSError):
            raise answers
        return [(0, 0, 0, "", (address, 0)) for address in answers]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert is_this_machine(host) is is_here


def test_a_server_that_a_shell_happens_to_name_is_looked_for_here_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGHOST", "192.0.2.1")
    assert postgresql_server._local_servers() == []


def test_what_leads_libpq_elsewhere_is_gone_while_the_lock_holds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable in LEAD_ELSEWHERE:
        monkeypatch.setenv(variable, "192.0.2.1")
    lock = Lock(tmp_path, lambda: "", "")
    lock.install()
    try:
        assert LEAD_ELSEWHERE & os.environ.keys() == set()
    finally:
        lock.uninstall()
    assert os.environ.keys() >= LEAD_ELSEWHERE


@pytest.mark.parametrize("key", ["password", "sslpassword", "passwd"])
def test_a_password_is_shown_nowhere(key: str) -> None:
    shown = shown_url(make_url(f"postgresql://me:s3cret@localhost/shop?{key}=s3cret&host=/run"))
    assert "s3cret" not in shown
    assert "host=%2Frun" in shown


def test_a_port_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "port")
    with pytest.raises(SettingsError, match="PGPORT is 'port', which is no port"):
        port_of("PGPORT", 5432)
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://me@localhost:port/shop")
    with pytest.raises(SettingsError, match="TEST_DATABASE_URL is not a database address"):
        make_database(
            DatabaseSettings("postgresql", "psycopg", "app:Base", ""), RunName("a", "b", "c")
        )


@pytest.mark.parametrize(
    ("engine", "driver", "url"),
    [
        ("postgresql", "asyncpg", "postgresql+asyncpg://app:app@production.invalid/app"),
        ("sqlite", "pysqlite", "sqlite:///production.sqlite3"),
        # Of another kind than the first database of the application.
        ("postgresql", "asyncpg", "sqlite+aiosqlite:///production.sqlite3"),
    ],
)
def test_a_variable_of_the_application_names_no_server(
    engine: str, driver: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", url)
    settings = DatabaseSettings(engine, driver, "app:Base", "")
    make_database(settings, RunName("a", "b", "c"))
    assert given_address() == ""
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://app:app@localhost/production")
    assert given_address() == "postgresql://app:app@localhost/production"
