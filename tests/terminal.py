"""A terminal with a program in it, to be read and typed into as a person does."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from types import TracebackType

import pexpect
import pyte

from tests.worlds import environment

ENTER = "\r"
ESCAPE = "\x1b"
UP = "\x1b[A"
DOWN = "\x1b[B"
CTRL_C = "\x03"
CLEAR_LINE = "\x15"

SECONDS = 300.0


class Terminal:
    """Runs a command in a pseudo-terminal whose screen is high enough to hold all it prints."""

    def __init__(self, *command: str | Path, cwd: Path) -> None:
        """Start the command.

        Args:
            command: The program and its arguments.
            cwd: Where it runs.
        """
        rows, columns = 600, 160
        self._screen = pyte.Screen(columns, rows)
        self._rows = [""] * rows
        self._stream = pyte.Stream(self._screen)
        program, *arguments = map(str, command)
        self._child: pexpect.spawn[str] = pexpect.spawn(
            program,
            arguments,
            cwd=str(cwd),
            # Without the second, prompts wait for a terminal that tells where its cursor is.
            env=environment(TERM="xterm-256color", PROMPT_TOOLKIT_NO_CPR="1"),
            dimensions=(rows, columns),
            encoding="utf-8",
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # `close(force=True)` gives it a tenth of a second to end, which a busy machine lacks.
        if self._child.isalive():
            self._child.kill(signal.SIGKILL)
            self._child.wait()
        self._child.close()

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, without empty lines."""
        # Only what changed is put together anew: most of the high screen never does.
        for row in self._screen.dirty:
            cells = self._screen.buffer[row]
            self._rows[row] = "".join(cells[x].data for x in range(self._screen.columns)).rstrip()
        self._screen.dirty.clear()
        return [row for row in self._rows if row]

    def wait_for(self, text: str) -> None:
        """Read until a text stands on the screen; when it never does, fail and show the screen."""
        deadline = time.monotonic() + SECONDS
        while not any(text in line for line in self.lines):
            if not self._read() or time.monotonic() > deadline:
                raise AssertionError(f"{text!r} never came:\n" + "\n".join(self.lines))

    def press(self, *keys: str) -> None:
        """Type keys or text."""
        for key in keys:
            self._child.send(key)

    def end(self) -> int:
        """Read until the program ends, and return its exit status."""
        deadline = time.monotonic() + SECONDS
        while self._read():
            if time.monotonic() > deadline:
                raise AssertionError("the program never ended:\n" + "\n".join(self.lines))
        self._child.wait()
        assert self._child.exitstatus is not None, f"killed by signal {self._child.signalstatus}"
        return self._child.exitstatus

    def _read(self) -> bool:
        """Put on the screen what came; return whether more can come."""
        try:
            self._stream.feed(self._child.read_nonblocking(size=65536, timeout=0.2))
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        return True
