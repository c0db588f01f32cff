"""The hook starts with the standard library alone, before anything of the project is run."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.engine.commands.hooks import ENGINE
from tests.worlds import build_tree, run

OF_POSIX = {
    "chown", "execv", "execve", "execvp", "fork", "forkpty", "geteuid", "getgid", "getpgid",
    "getuid", "kill", "killpg", "mkfifo", "nice", "setpgid", "setsid", "setuid", "spawnlp", "uname",
    "wait", "wait3", "wait4",
}  # fmt: skip
MODULES_OF_POSIX = {"fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"}


def imported(path: Path) -> set[str]:
    """Return the modules that are imported when a module is, and not by one of its functions."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def of_the_hook() -> list[Path]:
    """Return the modules of the engine that every start of the hook imports."""
    found: set[Path] = set()
    left = {ENGINE / "__main__.py", ENGINE / "__init__.py", *(ENGINE / "commands").glob("*.py")}
    while left:
        path = left.pop()
        found.add(path)
        for name in imported(path):
            module = ENGINE.parent.joinpath(*name.split("."))
            left |= {module.with_suffix(".py"), module / "__init__.py"} - found
        left = {path for path in left if path.is_file()}
    return sorted(found)


MODULES = of_the_hook()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_a_module_of_the_hook_imports_the_standard_library_and_its_like(path: Path) -> None:
    known = sys.stdlib_module_names | {"test_harness"}
    assert {name.partition(".")[0] for name in imported(path)} <= known


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_a_module_of_the_hook_calls_nothing_that_windows_lacks(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert not (node.value.id == "os" and node.attr in OF_POSIX), node.attr
        if isinstance(node, ast.keyword):
            assert node.arg not in {"preexec_fn", "start_new_session", "shell"}
        if isinstance(node, ast.Import):
            assert not MODULES_OF_POSIX & {name.name for name in node.names}


def test_it_runs_a_suite_without_any_package_of_its_own(project: Path) -> None:
    hook = (sys.executable, "-I", "-S", "-B", ENGINE)
    done = run(*hook, "check", "--tests", "tests", "--adoption", cwd=project)
    assert "\nGreen: 1 passed (" in done.stdout


def test_nothing_of_the_project_runs_before_the_suite(project: Path) -> None:
    names = ("argparse", "ast", "hashlib", "json", "subprocess", "tempfile", "test_harness", "xml")
    ran = "open(__file__ + '.ran', 'w').close()\n"
    files = [f"{folder}{name}.py" for name in names for folder in ("", "tests/")]
    build_tree(project, dict.fromkeys(files, ran))
    (project / "tests" / "requirements.txt").write_text("no-such-package\n", encoding="utf-8")
    done = run(
        sys.executable, "-B", ENGINE, "check", "--tests", "tests", "--adoption", cwd=project,
        UV_OFFLINE="1",
    )  # fmt: skip
    assert "\nThe suite was not run: " in done.stdout
    assert list(project.rglob("*.ran")) == []
