"""Kinds of leaks that need an application, a loop or a fault of their own, in this process."""

from __future__ import annotations

import asyncio
import csv
import signal
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from test_harness.application import overrides
from test_harness.errors import CleanUpError, IsolationError, NetworkBlockedError
from test_harness.isolation.pools import LeftOpen
from test_harness.settings import settings
from test_harness.watch.leaks.detective import Detective, Leak, without
from test_harness.watch.leaks.kind import Change, Kind
from test_harness.watch.leaks.kinds import application_state, modules, signals, tasks
from test_harness.watch.leaks.kinds import overrides as dependency_overrides
from test_harness.watch.leaks.points import MANY_TESTS, Points
from test_harness.watch.leaks.significance import is_leak_in
from test_harness.watch.leaks.test import Test
from tests.engine.watch.leaks.world import make
from tests.projects import project_in


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Path]:
    """The folder of the tests of a tiny project, which the engine works for."""
    project = make(tmp_path / "project", "")
    with project_in(project / "tests"):
        yield project / "tests"


@pytest.fixture
def app(suite: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """An application of FastAPI with another one mounted in it."""
    app, inner = FastAPI(), FastAPI()
    app.mount("/inner", inner)
    app.state.greeting, app.state.pool = "hello", None
    for module in (application_state, dependency_overrides):
        monkeypatch.setattr(module, "imported_application", lambda: app)
    return app


@pytest.fixture
def this_test(request: pytest.FixtureRequest, suite: Path) -> Test:
    """What the detective knows of the test that runs."""
    return Test(request.node)


def imported(monkeypatch: pytest.MonkeyPatch, file: Path, text: str) -> None:
    """Have a module of the project in this process whose source is a text."""
    file.write_text(text, encoding="utf-8")
    module = ModuleType(file.stem)
    module.__file__ = str(file)
    monkeypatch.setitem(sys.modules, file.stem, module)


def test_what_stands_for_a_module_is_looked_for_where_the_project_speaks_of_them(
    suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(monkeypatch, suite / "silent_about_them.py", "import sys\n")
    watch = modules.Watch()
    assert not watch.after(watch.before())
    imported(monkeypatch, suite / "speaks_of_them.py", "sys.modules['csv'] = None\n")
    state = watch.before()
    assert not watch.after(state)
    monkeypatch.setitem(sys.modules, "csv", ModuleType("csv"))
    [change] = watch.after(state)
    assert (change.name, change.before) == ("csv", csv)


def test_a_module_in_the_place_of_one_that_is_gone_is_always_seen(
    suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = modules.Watch()
    state = watch.before()
    monkeypatch.delitem(sys.modules, "csv")
    monkeypatch.setitem(sys.modules, "stands_for_csv", ModuleType("stands_for_csv"))
    assert {it.name for it in watch.after(state)} == {"csv", "stands_for_csv"}


def test_what_lies_beside_many_tests_is_compared_without_them() -> None:
    module = ModuleType("test_many")
    functions = {f"test_{number}": lambda: None for number in range(MANY_TESTS)}
    vars(module).update(functions, total=1)
    points = Points(lambda: [("test_many", module)], lambda _: True)
    for value, names in ((1, []), (2, ["test_many.total"])):
        points.collect()
        vars(module)["total"] = value
        assert [it.name for it in points.changes()] == names
    points.collect()
    vars(module)["new"] = 1
    assert [it.name for it in points.changes()] == ["test_many.new"]
    points.collect()
    del vars(module)["total"]
    assert [it.name for it in points.changes()] == ["test_many.total"]


def get_db() -> str:
    return "real"


def get_user() -> str:
    return "ada"


def test_a_dependency_that_stays_overridden_is_named_and_put_back(
    app: FastAPI, this_test: Test
) -> None:
    watch = dependency_overrides.Watch()
    inner: Any = app.routes[-1].app  # type: ignore[attr-defined]
    for of_app in (app, inner):
        state = watch.before()
        of_app.dependency_overrides[get_db] = lambda: "fake"
        [change] = watch.after(state)
        assert change.name.endswith("test_kinds.get_db")
        assert watch.restore(state, change)
        assert of_app.dependency_overrides == {}
        assert watch.after(state) == ()


def test_what_the_fixture_puts_back_is_named_where_it_is_not_its_own(app: FastAPI) -> None:
    watch = dependency_overrides.Watch()
    state = watch.before()
    with pytest.MonkeyPatch.context() as patch:
        mine = overrides.Overrides(app, patch)
        with overrides.restored(app, mine.made):
            mine.dependency(get_db, lambda: "fake")
        assert watch.after(state) == ()
        with overrides.restored(app, mine.made):
            app.dependency_overrides[get_user] = get_db
    [change] = watch.after(state)
    assert change.name.endswith("get_user")
    assert app.dependency_overrides == {}


def test_state_of_an_application_is_named_and_put_back(app: FastAPI, this_test: Test) -> None:
    watch = application_state.Watch()
    watch.before()
    app.state.greeting, app.state.user = "bye", "ada"
    app.state.pool = SimpleNamespace()  # made when it is first asked for
    changes = {it.name: it for it in watch.after(None) if watch.is_leak(it, this_test)}
    assert sorted(changes) == ["app.state.greeting", "app.state.user"]
    for change in changes.values():
        assert watch.restore(None, change)
    assert app.state.greeting == "hello"
    assert not hasattr(app.state, "user")


def test_routes_and_handlers_that_a_test_adds_are_named(app: FastAPI, this_test: Test) -> None:
    watch = application_state.Watch()
    watch.before()
    app.get("/only-here")(get_db)
    app.exception_handlers[ZeroDivisionError] = SimpleNamespace()  # type: ignore[assignment]
    changes = {it.name: it for it in watch.after(None) if watch.is_leak(it, this_test)}
    assert sorted(changes) == ["app.exception_handlers", "app.routes"]


def test_an_application_that_a_test_has_imported_itself_is_looked_at(
    suite: Path, this_test: Test, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (suite / "harness.toml").read_text(encoding="utf-8")
    assert 'import_path = ""' in text
    (suite / "harness.toml").write_text(
        text.replace('import_path = ""', 'import_path = "imported_by_a_test:app"'), encoding="utf-8"
    )
    settings.cache_clear()
    state, overridden = application_state.Watch(), dependency_overrides.Watch()
    state.before()
    before = overridden.before()
    assert not state.after(None)
    assert not overridden.after(before)
    module = ModuleType("imported_by_a_test")
    module.app = FastAPI()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "imported_by_a_test", module)
    assert not state.after(None)
    module.app.state.ticker = "left"
    module.app.dependency_overrides[get_db] = get_user
    assert [it.name for it in state.after(None)] == ["app.state.ticker"]
    assert [it.name for it in overridden.after(before)] == [f"{__name__}.get_db"]


def test_configuration_of_flask_is_named_and_put_back(
    suite: Path, this_test: Test, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = SimpleNamespace(config={"SIZE": 1, "TESTING": True})
    monkeypatch.setattr(application_state, "imported_application", lambda: app)
    watch = application_state.Watch()
    watch.before()
    app.config["SIZE"] = 5
    [change] = watch.after(None)
    assert str(change) == "app.config.SIZE: 1 -> 5"
    assert watch.is_leak(change, this_test)
    assert watch.restore(None, change)
    assert app.config["SIZE"] == 1


def test_a_task_that_goes_on_is_named(this_test: Test, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "is_of_the_project", lambda file: file == __file__)
    loop = asyncio.new_event_loop()
    tasks.loops.add(loop)
    watch = tasks.Watch()
    state = watch.before()

    async def works_on(seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def begins(seconds: float) -> Any:
        return asyncio.create_task(works_on(seconds))

    try:
        loop.run_until_complete(begins(0.001))  # ends by itself
        assert not watch.after(state)
        task = loop.run_until_complete(begins(30))
        [change] = watch.after(state)
        assert (change.name, watch.is_leak(change, this_test)) == ("works_on", True)
        task.cancel()
        loop.run_until_complete(asyncio.wait([task]))
        assert not watch.after(state)
    finally:
        tasks.loops.discard(loop)
        loop.close()


def test_connections_are_named_with_their_line(
    suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_open, engine = LeftOpen(), create_engine("sqlite://")
    left_open.held = []
    event.listen(engine.pool, "checkout", lambda _, record, proxy: left_open.take(record, proxy))
    event.listen(engine.pool, "checkin", left_open.checked_in)
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "test_it.py::test_one (call)")

    with Session(engine) as closed:
        closed.connection()
    left_open.give_back(after="test_it.py::test_one")
    assert left_open.held == []

    kept = scoped_session(sessionmaker(engine))
    kept.connection()
    left_open.give_back(after="test_it.py::test_one")
    [place] = left_open.held
    assert "test_kinds.py:" in place
    kept.remove()
    engine.dispose()


class Broken(Kind):
    """A kind with a fault."""

    def before(self) -> int:
        return 1

    def after(self, state: int) -> list[Change]:
        raise ZeroDivisionError("by zero")


class Unwilling(Kind):
    """A kind that cannot put back what it finds."""

    what, fix = "changes", "Do not."

    def before(self) -> int:
        return 1

    def after(self, state: int) -> list[Change]:
        return [Change("it", 1, 2)]

    def restore(self, state: int, change: Change) -> bool:
        raise OSError("no way")


def found_by(kinds: dict[str, Kind], test: Test, suite: Path) -> tuple[list[Leak], list[str]]:
    detective = Detective()
    detective._kinds = kinds
    detective.begin(test)
    return detective.end(), detective.faults


def test_a_fault_of_the_detective_fails_no_test_and_is_told(this_test: Test, suite: Path) -> None:
    leaks, faults = found_by({"broken": Broken(), "unwilling": Unwilling()}, this_test, suite)
    [fault] = faults
    assert fault.startswith("A fault of the harness, and not of the application: broken is not")
    assert "ZeroDivisionError: by zero" in fault
    [leak] = leaks
    assert leak.back == "it could not be put back: OSError: no way"
    assert str(leak).endswith("; it could not be put back: OSError: no way")


def test_what_changed_before_something_for_several_tests_is_told_apart() -> None:
    assert without({"run": 1, "mine": 2}, {}, {"mine": 2}) == {"run": 1}
    assert without({"a": 2, "run": 1}, {"a": 1}, {"a": 2}) == {"a": 1, "run": 1}
    assert without([1, 2, 3], [1], [1, 2]) == [1, 3]
    assert without({1, 3}, {1, 2}, {1}) == {1, 2, 3}
    assert without("now", "first", "then") == "first"


class Lazy:
    """What fills when it is first used."""

    def __init__(self) -> None:
        self._client: object = None
        self.user: str | None = None

    @cached_property
    def heavy(self) -> object:
        return object()


def test_first_use_is_no_leak_and_data_is(this_test: Test) -> None:
    module = ModuleType(Lazy.__module__)
    lazy = module.lazy = Lazy()  # type: ignore[attr-defined]
    points = Points(lambda: [("app", module)], lambda name: name == Lazy.__module__)
    points.collect()
    lazy._client, lazy.user = SimpleNamespace(), "ada"
    assert lazy.heavy
    leaks = [it.name for it in points.changes() if is_leak_in(it, this_test, [])]
    assert leaks == ["app:lazy.user"]
    assert not any(is_leak_in(it, this_test, ["app:lazy"]) for it in points.changes())


def test_errors_of_the_harness_carry_the_test_the_cause_and_the_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "tests/test_it.py::test_one[a (b)] (setup)")
    blocked = NetworkBlockedError("app/mail.py:3", "smtp.example.com:25")
    assert blocked.test == "tests/test_it.py::test_one[a (b)]"
    assert blocked.service == "smtp.example.com:25"
    reason = OSError("hung up")
    with pytest.raises(IsolationError) as caught:
        raise IsolationError("It broke.", "Mend it.") from reason
    assert caught.value.cause is reason
    assert caught.value.service == "the test database"
    left = CleanUpError("The test database p_1", reason)
    assert "The test database p_1 could not be removed: OSError: hung up.\n  Fix: " in str(left)


def test_the_alarm_of_pytest_timeout_is_of_no_test(
    suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def handler(number: int, frame: object) -> None:
        raise AssertionError

    watch = signals.Watch()
    state = watch.before()
    before = signal.signal(signal.SIGALRM, handler)
    try:
        (change,) = watch.after(state)
        is_leak = watch.is_leak(change, cast("Any", None))
        monkeypatch.setattr(handler, "__module__", "pytest_timeout")
        is_leak_of_a_plugin = watch.is_leak(change, cast("Any", None))
        state = watch.before()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        (gone,) = watch.after(state)
        silent = SimpleNamespace(says=lambda words: "")
        is_leak_where_it_is_gone = watch.is_leak(gone, cast("Any", silent))
    finally:
        signal.signal(signal.SIGALRM, before)

    assert (is_leak, is_leak_of_a_plugin, is_leak_where_it_is_gone) == (True, False, False)
