"""Has each Python that a test starts held by the lock, whatever environment and flags it is given.

A Python looks at PYTHONPATH when it starts, which leads to `subprocesses/sitecustomize.py`. What is
given an environment of its own gets those two variables besides; what is told not to look (`-I`,
`-E`, `-S`) is started by way of `subprocesses/launcher.py`.
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePath
from typing import Any

SUBPROCESSES = str(Path(__file__).resolve().parent / "subprocesses")
LAUNCHER = str(Path(SUBPROCESSES, "launcher.py"))
HOLDS_SUBPROCESSES = "TEST_HARNESS_LOCK"
LET_GO = "off"
"""What that variable says where a child may reach whatever it names."""
HOSTS_OF_CHILDREN = "TEST_HARNESS_HOSTS"
"""Which services a child may reach."""
# What an environment of its own is given besides: who it is that tries.
PASSED_ON = (HOSTS_OF_CHILDREN, "PYTEST_CURRENT_TEST")

PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:\.exe)?")
# Flags with a value of their own, those that end what is for Python, and those that blind it.
WITH_VALUE, ENDS, BLINDS, ONLY_SAYS = "XW", "cm", set("IES"), set("Vh?")


@contextmanager
def subprocesses_held(
    project: Path, environ: MutableMapping[str, str] = os.environ
) -> Iterator[None]:
    """Within the block each Python that is started has the lock from its first line on.

    Args:
        project: What the lock there takes for the project's folder.
        environ: What child processes get.
    """
    before = {name: environ.get(name) for name in ("PYTHONPATH", HOLDS_SUBPROCESSES)}
    environ.update(_leading_here(environ.get("PYTHONPATH"), str(project)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                environ.pop(name, None)
            else:
                environ[name] = value


@contextmanager
def starts_held(is_on: Callable[[], bool]) -> Iterator[None]:
    """Within the block children with an environment or flags of their own are held as well.

    Args:
        is_on: Whether they are just now.
    """
    with ExitStack() as undo:

        def replace(owner: Any, name: str, ours: Callable[..., Any]) -> None:
            original = getattr(owner, name)
            undo.callback(setattr, owner, name, original)
            setattr(owner, name, functools.wraps(original)(functools.partial(ours, original)))

        init = subprocess.Popen.__init__

        @functools.wraps(init)
        def start(self: Any, args: Any, *rest: Any, **options: Any) -> None:
            if is_on():
                if "env" in options:
                    options["env"] = held_environment(options["env"])
                elif len(rest) > ENV_OF_POPEN:
                    given = held_environment(rest[ENV_OF_POPEN])
                    rest = (*rest[:ENV_OF_POPEN], given, *rest[ENV_OF_POPEN + 1 :])
                if not options.get("shell") and not isinstance(args, (str, bytes, os.PathLike)):
                    args = held_command(args, options.get("executable"))
            init(self, args, *rest, **options)

        undo.callback(setattr, subprocess.Popen, "__init__", init)
        subprocess.Popen.__init__ = start  # type: ignore[method-assign]

        def spawn(original: Any, path: Any, argv: Any, env: Any, **options: Any) -> Any:
            if is_on():
                argv, env = held_command(argv, path), held_environment(env)
            return original(path, argv, env, **options)

        for name in ("posix_spawn", "posix_spawnp", "execve"):
            if hasattr(os, name):
                replace(os, name, spawn)
        yield


# Where `env` stands among what Popen takes by position, after the command.
ENV_OF_POPEN = 9


def held_environment(given: Mapping[Any, Any] | None) -> Mapping[Any, Any] | None:
    """Return what a child gets as its environment, with what has the lock loaded there.

    Args:
        given: What it is to get; None for that of this process.
    """
    project = os.environ.get(HOLDS_SUBPROCESSES, LET_GO)
    if given is None or project == LET_GO:
        return given
    is_bytes = any(isinstance(name, bytes) for name in given)
    known = {os.fsdecode(name): os.fsdecode(value) for name, value in given.items()}
    if HOLDS_SUBPROCESSES in known:
        return given
    ours = {name: os.environ[name] for name in PASSED_ON if name in os.environ.keys() - known}
    ours |= _leading_here(known.get("PYTHONPATH"), project)
    if is_bytes:
        return {**given, **{os.fsencode(name): os.fsencode(it) for name, it in ours.items()}}
    return {**given, **ours}


def _leading_here(pythonpath: str | None, project: str) -> dict[str, str]:
    paths = pythonpath.split(os.pathsep) if pythonpath else []
    others = [path for path in paths if path != SUBPROCESSES]
    return {
        "PYTHONPATH": os.pathsep.join([SUBPROCESSES, *others]),
        HOLDS_SUBPROCESSES: project,
    }


def held_command(given: Sequence[Any], executable: Any = None) -> Sequence[Any]:
    """Return what is to be started, by way of the launcher for a Python that is told to look away.

    Args:
        given: The program and its arguments.
        executable: The program, where that is another one than the first of them.
    """
    words = [os.fsdecode(word) for word in given]
    program = os.fsdecode(executable) if executable else "".join(words[:1])
    if not PYTHON.fullmatch(PurePath(program).name):
        return given
    flags, rest = _flags(words[1:])
    said = {letter for flag in flags if not flag.startswith("--") for letter in flag[1:]}
    if not said & BLINDS or said & ONLY_SAYS or rest[:1] == [LAUNCHER]:
        return given
    return [words[0], *flags, LAUNCHER, *(rest or ["-"])]


def _flags(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the flags for Python, and what it is to run with the arguments of that."""
    flags: list[str] = []
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word.startswith("--"):
            flags += [word, *(rest[:1] if word == "--check-hash-based-pycs" else [])]
            rest = rest[1:] if word == "--check-hash-based-pycs" else rest
            continue
        ending = re.search(rf"[{ENDS}{WITH_VALUE}]", word[1:])
        if ending is None:
            flags.append(word)
            continue
        before, letter, behind = (
            word[: ending.start() + 1],
            ending[0],
            word[ending.end() + 1 :],
        )
        if letter in WITH_VALUE:
            flags += [*([before] if before != "-" else []), f"-{letter}{behind or rest.pop(0)}"]
            continue
        flags += [before] if before != "-" else []
        return flags, [f"-{letter}", *([behind] if behind else []), *rest]
    return flags, rest
