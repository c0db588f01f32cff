"""What only POSIX has is asked for nowhere on the way of a user of another system.

There is no Windows here, but a Python that is one to the code of the engine and the project: it has
neither the modules nor the functions and signals that Windows lacks, and a `sys.platform` of its
own. Libraries find what they are used to.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from test_harness.commands.environment_file import EnvironmentFile
from test_harness.commands.programs import ask, run_within
from test_harness.endings import write_text
from test_harness.known import write_known
from test_harness.settings.observed import Observation, write_observed
from tests.worlds import ROOT, build_tree, render, run

LIKE_WINDOWS = """\
import ctypes, os, signal, sys, types

OURS = %(ours)r
PLATFORM = {"platform": "win32"}


def is_ours(frame):
    return frame.f_code.co_filename.startswith(OURS)


class Lacking(types.ModuleType):
    def __getattribute__(self, name):
        if name in WITHOUT and is_ours(sys._getframe(1)):
            raise AttributeError(f"there is no {name} on Windows")
        return types.ModuleType.__getattribute__(self, name)


class Other(types.ModuleType):
    def __getattribute__(self, name):
        if name == "platform" and is_ours(types.ModuleType.__getattribute__(self, "_getframe")(1)):
            return "win32"
        return types.ModuleType.__getattribute__(self, name)


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        frame = sys._getframe(1)
        while frame and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        if name in MODULES and frame and is_ours(frame):
            raise ModuleNotFoundError(f"there is no {name} on Windows", name=name)


class Kernel:
    OpenProcess = staticmethod(lambda *given: 1)
    CloseHandle = GetLastError = staticmethod(lambda *given: 0)


WITHOUT, MODULES = %(without)r, %(modules)r
kill = os.kill


def kill_by_number(process, number):
    assert not is_ours(sys._getframe(1)) or number, "the signal 0 is Ctrl-C on Windows"
    kill(process, number)


os.kill = kill_by_number
ctypes.windll = types.SimpleNamespace(kernel32=Kernel)
for name in MODULES:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Finder)
os.__class__ = signal.__class__ = Lacking
sys.__class__ = Other
"""
MODULES = ["fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog", "readline"]
OF_OS = [
    "fork", "forkpty", "getuid", "geteuid", "getgid", "getegid", "getpgid", "setsid", "killpg",
    "chown", "fchmod", "mkfifo", "nice", "sched_setaffinity", "sched_getaffinity", "getloadavg",
    "uname", "wait", "WNOHANG", "statvfs",
]  # fmt: skip
FLAKES = ["flakes", "--only=seed", "--times=1", "tests/checks/test_health_sync.py"]
OF_SIGNAL = [
    "SIGKILL", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGHUP", "SIGURG", "SIGCHLD", "alarm", "setitimer",
    "getitimer", "pthread_kill", "pthread_sigmask", "siginterrupt", "ITIMER_REAL",
]  # fmt: skip

APPLICATION = {
    "app/__init__.py": "",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
    '@app.get("/health")\ndef health() -> dict[str, str]:\n    return {"status": "ok"}\n',
    "app/models.py": "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n\n"
    "class Base(DeclarativeBase):\n    pass\n\n\nclass Note(Base):\n"
    '    __tablename__ = "notes"\n\n    id: Mapped[int] = mapped_column(primary_key=True)\n'
    "    text: Mapped[str]\n",
}


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, Any]:
    """What makes a Python, and those that it starts, one of Windows to what is ours."""
    ours = (str(ROOT / "src"), str(tmp_path / "project"))
    text = LIKE_WINDOWS % {"ours": ours, "without": {*OF_OS, *OF_SIGNAL}, "modules": MODULES}
    folder = build_tree(tmp_path / "like_windows", {"sitecustomize.py": text})
    return {"PYTHONPATH": str(folder)}


def test_what_only_posix_has_is_missed(
    suite_python: Path, tmp_path: Path, variables: dict[str, Any]
) -> None:
    for code, said in (
        ("import os; os.fork()", "there is no fork on Windows"),
        ("import fcntl", "there is no fcntl on Windows"),
        ("import signal; signal.alarm(1)", "there is no alarm on Windows"),
        ("import os; os.kill(os.getpid(), 0)", "is Ctrl-C on Windows"),
        ("import sys; raise SystemExit(sys.platform)", "win32"),
    ):
        build_tree(tmp_path, {"project/it.py": code})
        done = run(suite_python, tmp_path / "project/it.py", cwd=tmp_path, check=False, **variables)
        assert done.returncode
        assert said in done.stdout


@pytest.mark.runs
def test_a_suite_and_its_commands_run_without_what_only_posix_has(
    template: Path, tmp_path: Path, suite_python: Path, variables: dict[str, Any]
) -> None:
    project = build_tree(tmp_path / "project", APPLICATION)
    render(template, project, database_engine="sqlite", mode="sync", ci_provider="none")
    said = run(suite_python, "-m", "pytest", "-q", cwd=project, **variables).stdout
    assert re.search(r"^\d+ passed", said, re.MULTILINE)
    for command in (["inventory"], ["performance"], ["durations"], FLAKES):
        run(suite_python, "-m", "test_harness", *command, cwd=project, **variables)


# A Python whose pipes have few letters, as those of Windows.
FEW_LETTERS = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
LETTERS = "J\u00fcrgen \u2192 \u4e16"


def test_what_a_program_prints_is_read_letter_by_letter(tmp_path: Path) -> None:
    code = f"print({LETTERS!a})"
    given = {"PATH": "", **FEW_LETTERS}
    ended = run_within([sys.executable, "-c", code], 60, folder=tmp_path, environment=given)
    assert ended.output == f"{LETTERS}\n"


def test_another_interpreter_answers_in_utf_8() -> None:
    said = ask(Path(sys.executable), "import sys; print(sys.flags.utf8_mode)").stdout
    assert said == "1\n"


def test_a_letter_that_the_terminal_lacks_ends_no_command(tmp_path: Path) -> None:
    name = f"test_{LETTERS.split(maxsplit=1)[0]}.py"
    (tmp_path / name).write_text("def test_it():\n    print()\n", encoding="utf-8")
    done = run(
        sys.executable, "-m", "test_harness", "lint", ".", cwd=tmp_path,  check=False,
        PYTHONIOENCODING="ascii", PYTHONPATH=str(ROOT / "src"),
    )  # fmt: skip
    assert "test_J?rgen.py:1:" in done.stdout
    assert "Traceback" not in done.stdout


def in_locale(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that leave to the system which letters a file or a pipe has."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        keywords = {one.arg for one in node.keywords}
        if "text" in keywords and name in {"run", "Popen", "check_output"}:
            yield node.lineno
        # The text of a distribution is read otherwise.
        given = {"write_text": 2, "read_text": 1}.get(name, 0)
        if given and "encoding" not in keywords and len(node.args) < given:
            yield node.lineno


def test_letters_are_never_left_to_the_system() -> None:
    files = [
        it for where in ("src", "extensions", "updates") for it in (ROOT / where).rglob("*.py")
    ]
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{line}"
        for path in files
        for line in in_locale(ast.parse(path.read_bytes()))
    ]
    assert len(files) > 100
    assert found == []
    assert [*in_locale(ast.parse("path.read_text()\nsubprocess.run([], text=True)"))] == [1, 2]


def to_environment(path: Path) -> None:
    file = EnvironmentFile(path)
    file.add("NAME", "value", "for a test")
    file.write()


@pytest.mark.parametrize(
    "write",
    [
        lambda path: write_text(path, "one\ntwo\n"),
        lambda path: write_known(path, []),
        lambda path: write_observed(path, [Observation("a", "b", 1, 2, "seen")]),
        to_environment,
    ],
    ids=["any", "known failures", "observed", "environment"],
)
def test_a_file_keeps_the_endings_of_its_checkout(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(b"# Mine.\r\n")
    write(path)
    text = path.read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n") > 0
    path.write_bytes(b"# Mine.\n")
    write(path)
    assert path.read_bytes() == text.replace(b"\r\n", b"\n")
