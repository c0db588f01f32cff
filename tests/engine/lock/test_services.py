"""Which double is offered for what, and how conftest.py names it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from test_harness.commands.double import with_doubles, with_requirements
from test_harness.commands.requirements import Requirements
from test_harness.errors import NetworkBlockedError, SettingsError
from test_harness.findings.watch import Deed
from test_harness.lock import services
from test_harness.lock.children import HOSTS_OF_CHILDREN
from test_harness.lock.network import Network, NetworkOfChildren
from tests.projects import project_in
from tests.worlds import ROOT, build_tree

SETTINGS = """
[harness]
version = "0.2.0"
[application]
project = "shop"
framework = "none"
import_path = ""
mode = "sync"
health_path = ""
base_url = ""
doubles = "mail"
[database]
engine = "sqlite"
driver = "pysqlite"
metadata = ""
migrations = ""
"""
CONFTEST = '"""Fixtures."""\n\nimport pytest\n'
WHY = "# Of which services tests have doubles: `test-harness double NAME` adds one.\n"


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Path]:
    folder = build_tree(
        tmp_path / "tests",
        {
            "harness.toml": SETTINGS,
            "conftest.py": CONFTEST,
            "requirements.txt": "test-harness[redis] @ file:///somewhere  # 0.2.0\n",
        },
    )
    with project_in(folder):
        yield folder


def test_every_double_has_a_module_with_its_fixture() -> None:
    for name, double in services.DOUBLES.items():
        module = ROOT / "src" / "test_harness" / "doubles" / f"{name}.py"
        assert f"def {double.fixture}(" in module.read_text(encoding="utf-8"), name


def test_what_a_double_needs_is_an_extra_of_the_engine() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for double in services.DOUBLES.values():
        assert [line for _, line in double.packages if f'    "{line}",\n' not in project] == []


@pytest.mark.parametrize(
    ("text", "names", "after"),
    [
        (CONFTEST, [], CONFTEST),
        (CONFTEST, ["redis"], f'{CONFTEST}\n\n{WHY}DOUBLES = ["redis"]\n'),
        (f"DOUBLES = ['rq']\n{CONFTEST}", ["arq"], f'DOUBLES = ["rq", "arq"]\n{CONFTEST}'),
        ("DOUBLES = [\n    'rq',\n]\nX = 1\n", ["arq"], 'DOUBLES = ["rq", "arq"]\nX = 1\n'),
    ],
)
def test_conftest_names_doubles_in_one_line(
    suite: Path, text: str, names: list[str], after: str
) -> None:
    (suite / "conftest.py").write_text(text, encoding="utf-8")
    assert with_doubles(text, names) == after


def test_what_it_needs_is_asked_for_once(suite: Path) -> None:
    requirements = Requirements(suite / "requirements.txt")
    before = requirements.text
    assert with_requirements(requirements, ["redis", "mail", "rq"]) == before
    wanted = f"{before}moto[s3]>=5\nflask\nflask-cors\n"
    assert with_requirements(requirements, ["storage"]) == wanted
    requirements.path.write_text(wanted, encoding="utf-8")
    assert with_requirements(Requirements(requirements.path), ["storage"]) == wanted


def test_both_files_name_doubles_and_those_that_others_stand_on(suite: Path) -> None:
    (suite / "conftest.py").write_text('DOUBLES = ["rq", "oauth"]\n', encoding="utf-8")
    assert services.doubles() == ["redis", "http", "mail", "rq", "oauth"]
    assert services.offered("redis") == ""
    assert services.offered("celery").startswith("`test-harness double celery` has tests ")


@pytest.mark.parametrize(
    ("client", "doubles"), [(None, ["mail"]), ("arq", ["redis", "mail", "arq"])]
)
def test_what_was_read_has_a_double_where_there_is_a_client(
    suite: Path, client: str | None, doubles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SETTINGS.replace('doubles = "mail"', 'doubles = "mail arq"')
    (suite / "harness.toml").write_text(text, encoding="utf-8")
    there = {"smtplib", client}
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name in there or None)
    with project_in(suite):
        assert services.doubles() == doubles


@pytest.mark.parametrize("value", ['["reddis"]', '"redis"', "names()"])
def test_a_line_that_names_no_doubles_is_refused(suite: Path, value: str) -> None:
    (suite / "conftest.py").write_text(f"\nDOUBLES = {value}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"conftest\.py:2 DOUBLES is not a list of doubles"):
        services.doubles()


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, suite: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(
        SettingsError, match=r"The double of Redis needs fakeredis>=2\.40, which is"
    ):
        services.check_packages(["redis"])


def failure(code: str, **names: object) -> BaseException:
    """Return what a line raises in a file of the project."""
    try:
        exec(compile(code, "/project/shop.py", "exec"), {"__name__": "shop", **names})  # noqa: S102
    except Exception as error:  # noqa: BLE001
        return error
    raise AssertionError("nothing was raised")


def library(name: str, code: str, **names: object) -> dict[str, object]:
    """Return the names of a module of a library."""
    module = {"__name__": name, **names}
    exec(compile(code, f"/x/site-packages/{name}.py", "exec"), module)  # noqa: S102
    return module


def refused() -> Callable[[], None]:
    """Return what finds no server, in a library that nobody has a double of."""
    code = "def connect(): raise ConnectionRefusedError(111, 'refused')"
    found: Callable[[], None] = library("sockets", code)["connect"]  # type: ignore[assignment]
    return found


def test_the_outermost_library_tells_what_to_double() -> None:
    redis = library("redis.client", "def get(): connect()", connect=refused())
    celery = library("celery.app", "def delay(): get()", get=redis["get"])
    httpx = library("httpx2", "def call(route): route()")
    assert services.double_of_error(failure("get()", get=redis["get"])) == "redis"
    assert services.double_of_error(failure("delay()", delay=celery["delay"])) == "celery"
    # A test's own client is further out than the route that it calls.
    code = "def route(): get()\ncall(route)"
    assert services.double_of_error(failure(code, get=redis["get"], call=httpx["call"])) == "redis"


def test_other_errors_tell_of_no_double() -> None:
    broken = library("redis.client", "def get(): raise ValueError('no')")
    assert services.double_of_error(failure("get()", get=broken["get"])) == ""
    assert services.double_of_error(failure("connect()", connect=refused())) == ""
    locked = library(
        "redis.client", "def get(): raise error", error=NetworkBlockedError("shop.py:1", "x.org")
    )
    assert services.double_of_error(failure("get()", get=locked["get"])) == ""


def test_the_caller_is_told_by_its_library() -> None:
    found: list[str] = []
    code = "def connect(look): found.append(look())"
    connect: Any = library("smtplib", code, found=found)["connect"]
    connect(services.double_of_caller)
    assert found == ["mail"]
    assert services.double_of_caller() == ""


def test_a_traceback_in_text_tells_the_same() -> None:
    text = """Traceback (most recent call last):
  File "/x/lib/site-packages/starlette/routing.py", line 1, in lifespan
  File "/x/lib/site-packages/httpx/_client.py", line 1, in get
  File "/project/shop/main.py", line 3, in lifespan
  File "/x/lib/site-packages/redis/client.py", line 1, in ping
  File "/x/lib/site-packages/redis/connection.py", line 1, in connect
redis.exceptions.{}: 111
"""
    assert services.double_of_traceback(text.format("ConnectionError")) == "redis"
    assert services.double_of_traceback(text.format("ResponseError")) == ""


def test_what_start_up_reaches_for_is_offered_a_double(suite: Path) -> None:
    deed = Deed("connects to redis (port 6379)", "shop/main.py:3", "redis", offered="redis")
    assert deed.fix == "`test-harness double redis` has tests answered by a double of Redis."
    (suite / "conftest.py").write_text('DOUBLES = ["redis"]\n', encoding="utf-8")
    assert deed.fix.startswith("name another place for it in test.env")


def reach(network: Network, name: str, host: str) -> None:
    """Have a module of a library that is installed connect."""
    code = "def connect(check, address): check('socket.connect', (None, address))"
    connect: Any = library(f"{name}.client", code)["connect"]
    connect(network.check, (host, 6379))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("redis", "tried to reach Redis at 127.0.0.1:6379, which is not of the tests"),
        ("celery", "tried to reach Celery's broker at 127.0.0.1:6379"),
        ("pika", "tried to reach RabbitMQ at 127.0.0.1:6379"),
    ],
)
def test_a_service_on_this_machine_is_somebodys(suite: Path, name: str, said: str) -> None:
    network = Network(set())
    with pytest.raises(NetworkBlockedError, match=re.escape(said)) as refused:
        reach(network, name, "127.0.0.1")
    assert (f"double {name}`" in refused.value.fix) is (name in services.DOUBLES)
    assert "test_services.py:" in refused.value.problem
    assert len(network.blocked) == 1


def test_what_is_doubled_named_or_a_server_of_the_tests_may_be_reached(suite: Path) -> None:
    reach(Network(set()), "httpx", "127.0.0.1")
    reach(Network(set()), "asyncpg", "127.0.0.1")
    reach(Network({"127.0.0.1"}), "redis", "127.0.0.1")
    (suite / "conftest.py").write_text('DOUBLES = ["celery"]\n', encoding="utf-8")
    reach(Network(set()), "celery", "127.0.0.1")


def test_a_name_that_may_be_reached_stands_for_its_addresses(suite: Path) -> None:
    network = Network({"localhost"})
    network.check("socket.getaddrinfo", ("localhost", 6379))
    reach(network, "redis", "127.0.0.1")


@pytest.mark.parametrize(
    ("allowed", "is_refused"), [("", True), ("localhost", False), ("*", False)]
)
def test_a_service_is_somebodys_in_a_child_too(
    monkeypatch: pytest.MonkeyPatch, allowed: str, is_refused: bool
) -> None:
    monkeypatch.setenv(HOSTS_OF_CHILDREN, allowed)
    network = NetworkOfChildren()
    reach(network, "httpx", "127.0.0.1")
    network.check("socket.connect", (None, ("192.0.2.1", 443)))
    if not is_refused:
        reach(network, "redis", "127.0.0.1")
        return
    with pytest.raises(NetworkBlockedError, match=r"tried to reach Redis at 127\.0\.0\.1:6379"):
        reach(network, "redis", "127.0.0.1")
