"""Where a process stands: what its threads, and the tasks of its event loops, wait for."""

from __future__ import annotations

import inspect
import linecache
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from test_harness.lock.callers import HARNESS, frames, is_of_a_library
from test_harness.project import project_dir, suite_dir

# What the functions that a line of the project has called are busy with; the first counts.
DEEDS = [
    (r"(?:tenacity|backoff|retrying|stamina)/|urllib3/util/retry", "tries again and again"),
    (r":(?:create_connection|sock_connect|_sock_connect|connect|_connect)\n", "connects{}"),
    (
        r"/(?:psycopg\w*|asyncpg|\w*mysql\w*|MySQLdb|\w*sqlite\w*)/|/sqlalchemy/",
        "asks the database",
    ),
    (r"asyncio/tasks\.py:sleep\n", "sleeps"),
    (r"asyncio/(?:locks|queues)\.py:", "waits for another task"),
    (
        r"/(?:threading|queue|_base)\.py:(?:wait|get|put|join|acquire|result)\n",
        "waits for a thread",
    ),
    (r"/subprocess\.py:|asyncio/subprocess\.py:", "waits for a program"),
    (r"/(?:ssl|socket|selectors|streams)\.py:|http/client\.py:", "waits for an answer"),
]
# What functions in C, which have no frame, are called where they stand.
CALLS = [
    (r"\bsleep\(", "sleeps"),
    (r"\.(?:recv\w*|accept|read\w*)\(", "waits for an answer"),
    (r"\.(?:acquire|wait|join|get|put|result)\(", "waits"),
]
INNERMOST = 12


@dataclass(frozen=True)
class Flow:
    """One course of work, a thread or a task, with its frames from the outermost on."""

    name: str
    frames: list[FrameType]

    def said(self, *, of_the_tests: bool) -> str:
        """Say in half a sentence which line of the project it stands at; empty without one.

        Args:
            of_the_tests: Whether a line of the tests counts.
        """
        for index in range(len(self.frames) - 1, -1, -1):
            frame = self.frames[index]
            file = Path(frame.f_code.co_filename)
            if _is_of_the_project(frame) and (of_the_tests or suite_dir() not in file.parents):
                text = _text(frame)
                does = _deed(self.frames[index + 1 :], text)
                return f"{_place(frame)} {does}" + (f" (`{text}`)" if text else "")
        return ""

    def shown(self) -> str:
        """Return the frames that tell something, a line for each."""
        told = [frame for frame in self.frames[:-1] if _is_of_the_project(frame)]
        told = [*told, *self.frames[-1:]][-INNERMOST:]
        lines = [f"{_place(it)} in {it.f_code.co_name}  {_text(it)}".rstrip() for it in told]
        return "\n".join(f"    {line}" for line in (f"{self.name}:", *(f"  {it}" for it in lines)))


@dataclass(frozen=True)
class Standing:
    """Where the process stands.

    Args:
        main: What everything else waits for.
        others: Threads and tasks beside it that run code of the project.
        awaited: What the event loop of the main thread runs for, if one runs and is idle.
    """

    main: Flow
    others: list[Flow]
    awaited: Any = None

    def sentence(self) -> str:
        """Say in half a sentence what was waiting for what."""
        where = self.main.said(of_the_tests=False)
        if where:
            return where
        told = [flow.said(of_the_tests=False) for flow in self.others]
        told.insert(0, self.main.said(of_the_tests=True))
        if not any(told):
            told = [flow.said(of_the_tests=True) for flow in self.others]
        return ", and ".join([*dict.fromkeys(filter(None, told))][:3])

    def shown(self) -> str:
        """Return the stacks."""
        return "\n".join(flow.shown() for flow in (self.main, *self.others))


def standing() -> Standing:
    """Return where the process stands, as whichever thread asks sees it."""
    current = sys._current_frames()
    main_thread = threading.main_thread()
    if threading.current_thread() is main_thread:
        # As far as greenlets reach, which no other thread can follow.
        main = [*frames()][::-1]
    else:
        main = _outwards(current.get(main_thread.ident or 0))
    while main and _is_ours(main[-1]):
        main.pop()
    awaited = _awaited(main)
    idle = awaited is not None and main[-1].f_code.co_name in {"select", "run_forever", "_run_once"}
    tasks = dict.fromkeys(task for task in _tasks(main) if task is not awaited)
    if idle:
        main = [*_without_loop(main), *_chain(awaited)]
    others = [Flow(f"task {task.get_name()}", _chain(task)) for task in tasks]
    for thread in threading.enumerate():
        if thread not in (main_thread, threading.current_thread()):
            stack = _outwards(current.get(thread.ident or 0))
            kind = "thread" if thread.daemon else "thread that is no daemon"
            others.append(Flow(f"{kind}, {thread.name}", stack))
            others += [Flow(f"task {it.get_name()}", _chain(it)) for it in _tasks(stack)]
    others = [flow for flow in others if any(map(_is_of_the_project, flow.frames))]
    return Standing(Flow("main thread", main), others, awaited if idle else None)


def _outwards(frame: FrameType | None) -> list[FrameType]:
    found = []
    while frame is not None:
        found.append(frame)
        frame = frame.f_back
    return found[::-1]


def _is_ours(frame: FrameType) -> bool:
    """Tell whether a frame is of those that look, or call them."""
    return Path(frame.f_code.co_filename).parent == HARNESS / "limits"


def _awaited(stack: list[FrameType]) -> Any:
    """Return what an event loop in a stack runs for, the innermost."""
    for frame in reversed(stack):
        if frame.f_code.co_name == "run_until_complete":
            return frame.f_locals.get("future")
    return None


def _without_loop(stack: list[FrameType]) -> list[FrameType]:
    names = [frame.f_code.co_name for frame in stack]
    return stack[: names.index("run_until_complete")]


def _tasks(stack: list[FrameType]) -> list[Any]:
    """Return the tasks of the event loop that runs in a stack."""
    asyncio = sys.modules.get("asyncio")
    for frame in reversed(stack):
        if asyncio and frame.f_code.co_name in {"run_forever", "run_until_complete"}:
            loop = frame.f_locals.get("self")
            if isinstance(loop, asyncio.AbstractEventLoop):
                return sorted(asyncio.all_tasks(loop), key=lambda task: str(task.get_name()))
    return []


def _chain(task: Any) -> list[FrameType]:
    """Return the frames of a task that waits, through what it awaits, tasks included."""
    found: list[FrameType] = []
    seen: set[int] = set()
    while hasattr(task, "get_coro") and id(task) not in seen:
        seen.add(id(task))
        found += _frames_of(task.get_coro())
        task = getattr(task, "_fut_waiter", None)
    return found


def _frames_of(awaitable: Any) -> Iterator[FrameType]:
    while awaitable is not None:
        frame = _attribute(awaitable, ("cr_frame", "gi_frame", "ag_frame"))
        if frame is not None:
            yield frame
        inner = _attribute(awaitable, ("cr_await", "gi_yieldfrom", "ag_await"))
        if frame is not None and type(inner).__name__.startswith("async_generator_"):
            # It does not say which generator it is a step of.
            inner = _running_generator(frame)
        awaitable = inner


def _running_generator(frame: FrameType) -> Any:
    values = [*frame.f_locals.values()]
    values += [getattr(value, "gen", None) for value in values]
    return next((it for it in values if inspect.isasyncgen(it) and it.ag_running), None)


def _attribute(holder: Any, names: Iterable[str]) -> Any:
    return next((found for name in names if (found := getattr(holder, name, None))), None)


def _is_of_the_project(frame: FrameType) -> bool:
    file = frame.f_code.co_filename
    is_foreign = file.startswith(str(HARNESS)) or is_of_a_library(file)
    return not is_foreign and project_dir() in Path(file).parents


def _place(frame: FrameType) -> str:
    path = Path(frame.f_code.co_filename)
    here = project_dir()
    if path.is_relative_to(here) and not is_of_a_library(str(path)):
        path = path.relative_to(here)
    else:
        # Under the name of its package: where that lies is of no use to others.
        path = Path(*path.parts[-2:])
    return f"{path.as_posix()}:{frame.f_lineno}"


def _text(frame: FrameType) -> str:
    return linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()


def _deed(inner: list[FrameType], text: str) -> str:
    called = "".join(f"/{it.f_code.co_filename}:{it.f_code.co_name}\n" for it in inner)
    for pattern, deed in DEEDS:
        if re.search(pattern, called):
            return deed.format(_target(inner))
    return next((deed for pattern, deed in CALLS if re.search(pattern, text)), "stands")


def _target(inner: list[FrameType]) -> str:
    """Return where a connection leads to, as the functions say that make it."""
    for frame in inner:
        known = frame.f_locals
        address = known.get("address")
        if isinstance(address, tuple) and len(address) > 1:
            return f" to {address[0]}:{address[1]}"
        if isinstance(known.get("host"), str) and known.get("port"):
            return f" to {known['host']}:{known['port']}"
    return ""
