"""Each kind of leak is planted more than once and found by name; what is no leak is not told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.watch.leaks.world import make, run_tests

# Each test leaves what its comment says, and nothing else.
LEAKING = """
    import contextvars
    import decimal
    import gc
    import locale
    import logging
    import os
    import random
    import signal
    import socket
    import subprocess
    import sys
    import tempfile
    import threading
    import time
    import warnings
    from unittest import mock

    import pytest
    import time_machine

    from app import registry, store

    @pytest.fixture
    def sets_a_variable():
        os.environ["FROM_A_FIXTURE"] = "1"  # test_03: environment FROM_A_FIXTURE

    def test_01():
        os.environ["LEFT"] = "1"  # environment LEFT

    def test_02():
        os.environ.pop("THERE")  # environment THERE

    def test_03(sets_a_variable):
        pass

    def test_04(tmp_path):
        os.chdir(tmp_path)  # working_directory os.getcwd()

    def test_05():
        os.chdir("app")  # working_directory os.getcwd()

    def test_06():
        sys.path.insert(0, "/nowhere")  # import_path /nowhere

    def test_07():
        sys.path.reverse()  # import_path order

    def test_08():
        sys.modules["stripe"] = mock.MagicMock()  # modules stripe

    def test_09():
        del sys.modules["app.registry"]  # modules app.registry

    def test_10():
        warnings.simplefilter("ignore")  # warning_filters ignore::Warning

    def test_11():
        warnings.resetwarnings()  # warning_filters default::DeprecationWarning

    def test_12():
        logging.getLogger("app").setLevel(logging.DEBUG)  # loggers app.level

    def test_13():
        logging.getLogger().addHandler(logging.NullHandler())  # loggers root.handlers

    def test_14():
        logging.getLogger("app").propagate = False  # loggers app.propagate

    def test_15():
        logging.disable(logging.CRITICAL)  # loggers root.disable

    def test_16():
        logging.getLogger("app").disabled = True  # loggers app.disabled

    def test_17():
        locale.setlocale(locale.LC_ALL, "C.UTF-8")  # locales LC_ALL

    def test_18():
        locale.setlocale(locale.LC_NUMERIC, "C.UTF-8")  # locales LC_ALL

    def test_19():
        signal.signal(signal.SIGUSR1, lambda *_: None)  # signals SIGUSR1

    def test_20():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # signals SIGTERM

    def test_21(monkeypatch):
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        time.tzset()  # time_zone time.tzname

    def test_22(monkeypatch):
        monkeypatch.setenv("TZ", "America/New_York")
        time.tzset()  # time_zone time.tzname

    def test_23():
        time_machine.travel(0).start()  # frozen_clock time_machine

    def test_24():
        time_machine.travel("2030-01-01", tick=False).start()  # frozen_clock time_machine

    def wait():
        time.sleep(2)

    def test_25():
        threading.Thread(target=wait, daemon=True, name="w").start()  # threads w

    def test_26():
        timer = threading.Timer(60, print)  # threads timer
        timer.daemon, timer.name = True, "timer"
        timer.start()

    def test_27(request):
        request.config.socket = socket.socket()  # sockets socket at ('0.0.0.0', 0)

    def test_28(request):
        request.config.pair = socket.socketpair()[0]  # sockets socket at

    def test_29(request):
        request.config.file = open("pytest.ini")  # open_files pytest.ini

    def test_30(request, tmp_path):
        request.config.log = (tmp_path / "log").open("w")  # open_files /

    def test_31(request):
        request.config.child = subprocess.Popen(["sleep", "5"])  # programs sleep 5

    def test_32(request):
        request.config.other = subprocess.Popen("sleep 6", shell=True)  # programs sleep 6

    def test_33():
        store.tenant.set("acme")  # context_variables tenant

    def test_34():
        contextvars.ContextVar("of_a_test").set(1)  # context_variables of_a_test

    def test_35():
        store.STORE["a"] = 1  # module_state app.store:STORE

    def test_36():
        store.ITEMS.append(2)  # module_state app.store:ITEMS

    def test_37():
        store.SEEN.add(2)  # module_state app.store:SEEN

    def test_38():
        store.NESTED["a"]["b"].append(1)  # module_state app.store:NESTED['a']['b']

    def test_39():
        store.COUNT += 1  # module_state app.store.COUNT

    def test_40():
        store.FLAG = True  # module_state app.store.FLAG

    def test_41():
        store.set_current("ada")  # module_state app.store.current

    def test_42():
        next(store.numbers)  # module_state app.store:numbers

    def test_43():
        store.Manager.registry.append(1)  # module_state app.store:Manager.registry

    def test_44():
        store.Manager.default = "y"  # module_state app.store:Manager.default

    def test_45():
        store.manager.active.append(1)  # module_state app.store:manager.active

    def test_46():
        store.manager.name = "n"  # module_state app.store:manager.name

    def test_47():
        store.slotted.rooms["a"] = 1  # module_state app.store:slotted.rooms

    def test_48():
        store.remember(1)  # module_state app.store:remember(seen)

    def test_49():
        store.count_calls()  # module_state app.store:count_calls<calls>

    def test_50():
        store.mail = mock.Mock()  # module_state app.store.mail

    def test_51():
        store.Manager.send = lambda self: "fake"  # module_state app.store:Manager.send

    def test_52():
        store.settings.rate = "7"  # module_state app.store:settings.rate

    def test_53(monkeypatch):
        monkeypatch.setenv("RATE", "9")
        store.get_settings()  # module_state app.store:get_settings()

    def test_54():
        store.options.size = 2  # module_state app.store:options.size

    def test_55():
        store.users["a"] = 1  # module_state app.store:users.data

    def test_56():
        registry.hooks.append(print)  # named app.registry:hooks

    def test_57():
        registry.desk.open = False  # named app.registry:desk.open

    def test_58():
        time.sleep = lambda seconds: None  # patches time.sleep

    def test_59():
        random.choice = mock.Mock()  # patches random.choice

    def test_60():
        sys.argv = ["other"]  # interpreter sys.argv

    def test_61():
        socket.setdefaulttimeout(3)  # interpreter socket.getdefaulttimeout()

    def test_62():
        decimal.getcontext().prec = 5  # interpreter decimal.getcontext()

    def test_63():
        gc.disable()  # interpreter gc.isenabled()

    CASES = []

    def test_64():
        CASES.append(1)  # module_state tests.test_it:CASES

    def test_65():
        store._cache["here"] = 1  # module_state app.store:_cache

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            return None

    def test_66():
        sys.meta_path.append(Finder)  # interpreter sys.meta_path

    def test_67():
        sys.setswitchinterval(0.1)  # interpreter sys.getswitchinterval()

    BELOW = logging.getLogger("above.below")

    def test_68():
        logging.getLogger("above").addFilter(lambda record: False)  # loggers above.filters
"""

CLEAN_AGAIN = """

    def test_99_what_can_be_put_back_is():
        assert "LEFT" not in os.environ
        assert os.environ["THERE"] == "yes"
        assert "/nowhere" not in sys.path
        assert "stripe" not in sys.modules
        assert sys.modules["app.registry"] is registry
        assert logging.getLogger("app").level == logging.NOTSET
        assert logging.getLogger("app").propagate
        assert not logging.root.manager.disable
        assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL
        assert time.timezone == 0
        assert time.time() > 1_700_000_000
        assert store.mail() == "real"
        assert store.get_settings().rate == "1"
        assert store.Manager().send() == "sent"
        assert "test_it" not in str(time.sleep)
        assert socket.getdefaulttimeout() is None
        assert gc.isenabled()
        assert Finder not in sys.meta_path
        assert logging.getLogger("above").filters == []
        assert os.path.basename(os.getcwd()) == os.environ["PROJECT"]
"""


def expected() -> dict[str, tuple[str, int]]:
    """Return what each test leaves, and the line that its comment stands in."""
    found = {}
    name = ""
    for number, line in enumerate(LEAKING.splitlines(), 1):
        if line.strip().startswith("def test_"):
            name = line.split("(")[0].removeprefix("    def ")
        code, comment, what = line.partition("  # ")
        if comment and code.strip():
            of, colon, rest = what.partition(": ")
            found[of if colon else name] = (rest or what, number)
    return found


def test_each_leak_is_found_by_name_with_its_line_and_put_back(tmp_path: Path) -> None:
    project = make(tmp_path / "project", LEAKING + CLEAN_AGAIN)

    said, left = run_tests(project, "-vv", THERE="yes", PROJECT="project", TZ="UTC", LC_ALL="C")

    assert "69 passed" in said
    lines = said.splitlines()
    for test, (what, number) in expected().items():
        kind, _, name = what.partition(" ")
        mine = [it for it in left.pop(test) if it.startswith(f"{kind} {name}")]
        assert mine, f"{test} leaves {what}"
        told = [it for it in lines if it.startswith(f"tests/test_it.py::{test} ")]
        assert any(f"(tests/test_it.py:{number})" in it for it in told), told
    assert left == {}


HEALTHY = """
    import contextvars
    import logging
    import os
    import socket
    import subprocess
    import sys
    import threading
    import time
    from concurrent.futures import ThreadPoolExecutor

    import pytest

    from app import store

    pool = ThreadPoolExecutor(2)

    @pytest.fixture(scope="session", autouse=True)
    def of_the_run():
        os.environ["OF_THE_RUN"] = "1"
        store.STORE["run"] = 1
        yield
        del os.environ["OF_THE_RUN"]

    @pytest.fixture(scope="module")
    def of_the_module():
        store.STORE["module"] = 1
        store.manager.active.append("module")
        ended = threading.Event()
        thread = threading.Thread(target=ended.wait)
        thread.start()
        listening = socket.create_server(("127.0.0.1", 0))
        yield
        ended.set()
        thread.join()
        listening.close()
        store.STORE.pop("module")
        store.manager.active.remove("module")

    def test_sets_for_itself(monkeypatch, tmp_path):
        monkeypatch.setenv("A", "1")
        monkeypatch.chdir(tmp_path)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(store, "mail", lambda: "fake")
        monkeypatch.setattr(time, "sleep", lambda seconds: None)
        monkeypatch.setitem(store.STORE, "a", 1)

    def test_is_set_up_in_the_middle(monkeypatch, request):
        monkeypatch.setenv("A", "1")
        store.STORE["mine"] = 1
        store.manager.active.append("mine")
        request.getfixturevalue("of_the_module")
        del store.STORE["mine"]
        store.manager.active.remove("mine")

    def test_what_is_used_for_the_first_time():
        store.client()
        store.memo(1)
        store.manager.heavy
        store.get_settings()
        store.TITLES["Dr"] = "Doctor"

    def test_what_is_used_again():
        store.memo(2)

    def test_settings_are_read_anew(monkeypatch):
        monkeypatch.setenv("RATE", "2")
        store.get_settings.cache_clear()
        store.get_settings()
        store.get_settings.cache_clear()

    def test_a_pool(of_the_module):
        assert pool.submit(len, "abc").result() == 3

    def test_imports():
        import colorsys
        import wave

    def test_opens_and_closes(tmp_path):
        with open(tmp_path / "a", "w"), socket.socket():
            pass

    def test_a_thread_that_ends():
        thread = threading.Thread(target=time.sleep, args=(0.01,))
        thread.start()

    def test_a_program_that_ends():
        assert subprocess.run([sys.executable, "-c", ""]).returncode == 0

    def test_logs(caplog):
        with caplog.at_level(10, "somebody"):
            logging.getLogger("somebody").info("x")
        caplog.set_level(10)

    @pytest.mark.filterwarnings("ignore")
    def test_filters():
        pass

    @pytest.fixture(scope="session")
    def late():
        return 1

    @pytest.fixture
    def of_a_tenant():
        token = store.tenant.set("acme")
        yield
        store.tenant.reset(token)

    def test_a_variable_around_something_for_all(of_a_tenant, request):
        assert request.getfixturevalue("late") == 1

    OPEN = open(__file__)

    def test_reads_what_is_open_already():
        with open(__file__) as file:
            assert file.read()

    def test_a_variable_that_is_reset():
        token = store.tenant.set("acme")
        store.tenant.reset(token)

    @pytest.fixture
    def elsewhere(monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def test_mocks(monkeypatch):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(store.manager, "name", "other")

    class TestOfAClass:
        @classmethod
        def setup_class(cls):
            cls.made = []
            os.environ["OF_A_CLASS"] = "1"

        @classmethod
        def teardown_class(cls):
            del os.environ["OF_A_CLASS"]

        def test_one(self):
            self.mine = 1

        def test_two(self):
            pass

    @pytest.mark.xfail
    def test_fails():
        raise AssertionError
"""


@pytest.mark.parametrize("order", ["", "-p xdist -n 2"])
def test_what_is_no_leak_is_not_told(tmp_path: Path, order: str) -> None:
    project = make(tmp_path / "project", HEALTHY, "fail")

    said, left = run_tests(project, *order.split(), RATE="1")

    assert "18 passed, 1 xfailed" in said
    assert left == {}


FAILING = """
    import os

    import pytest

    from app import store

    def test_leaks():
        os.environ["LEFT"] = "1"
        store.STORE["token"] = "s3cret"

    def test_is_known():
        store.ITEMS.append(7)

    def test_is_known_and_well():
        pass

    def test_fails_before_it_cleans_up():
        store.ITEMS.append(8)
        raise AssertionError
"""
KNOWN = """# Those of before.
test_it::test_is_known
  leak: module_state app.store:ITEMS

test_it::test_is_known_and_well
  leak: environment LEFT
"""


def test_a_leak_is_a_failure_where_that_is_asked_for(tmp_path: Path) -> None:
    project = make(tmp_path / "project", FAILING, "fail")
    (project / "tests" / "known_leaks.txt").write_text(KNOWN, encoding="utf-8")

    said, _ = run_tests(project)

    assert "ERROR tests/test_it.py::test_leaks - " in said
    assert "test_leaks changes the environment variable LEFT: unset -> '1' " in said
    assert "  Fix: Set it with monkeypatch.setenv, which puts it back.\n" in said
    assert "STORE: has gained 'token': *** " in said
    assert (
        "known_leaks.txt:6: tests/test_it.py::test_is_known_and_well is known to leave "
        "'environment LEFT', and does not any more.\n  Fix: Delete the line in known_leaks.txt."
    ) in said
    assert "1 failed, 3 passed, 2 errors" in said


def test_what_is_known_is_written_once(tmp_path: Path) -> None:
    project = make(tmp_path / "project", FAILING)
    known = project / "tests" / "known_leaks.txt"

    said, _ = run_tests(project, "--write-known-leaks")
    assert "known_leaks.txt was written with 4 leaks." in said
    written = known.read_text(encoding="utf-8")
    assert "\ntest_it::test_leaks\n  leak: environment LEFT\n" in written

    said, left = run_tests(project, "--write-known-leaks")
    assert "known_leaks.txt is there already, and may only shrink: not written." in said
    assert known.read_text(encoding="utf-8") == written
    assert left == {}
