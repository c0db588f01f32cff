"""Runs the programs that make environments, and tells in one message why one failed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from test_harness.errors import HarnessError
from test_harness.project import SETTINGS_FILE, suite_dir
from test_harness.seconds import LimitSettings

# The copy of the engine in a project that has one.
ENGINE_FOLDER = "test_harness"
VENDORED = "`--data engine=vendored` for `copier copy`, or for `copier update`"

# What installers say, what it means, and what can be done about it. The first that is found counts.
KNOWN = [
    (
        re.compile(
            r"could not read (?:Username|Password)|Authentication failed|"
            r"Permission denied \(publickey|[Rr]epository (?:'.*' )?not found|"
            r"terminal prompts disabled|does not appear to be a git repository|"
            r"Host key verification failed|The requested URL returned error: 40[134]"
        ),
        "The repository that the engine is installed from gives it to nobody without access.",
        "Give git a token or a key that may read it, and CI one of its own; or have the engine in "
        f"the project ({VENDORED}).",
    ),
    (
        re.compile(
            r"name resolution|dns error|error sending request|Failed to fetch|Connection refused|"
            r"Could not resolve host|(?:Failed|unable) to connect to|Network is unreachable|"
            r"NewConnectionError|network connectivity|network (?:was|is) disabled|timed out"
        ),
        "The package index, or the address of the engine, cannot be reached.",
        "Run the command again where there is a network; in a closed one have the engine in the "
        f"project ({VENDORED}).",
    ),
    (
        re.compile(
            r"did not match any file|failed to find (?:branch|tag|commit)|find remote ref|"
            r"not our ref|unadvertised object|not a tree"
        ),
        "The address of the engine has no such version.",
        "Correct it in requirements.txt, or ask for the newest with `test-harness update`.",
    ),
    (
        re.compile(r"Cannot find command 'git'|Git executable not found"),
        "The engine comes from an address of git, and there is no git here.",
        f"Install git, or have the engine in the project ({VENDORED}).",
    ),
    (
        re.compile(r"require-hashes|hash-checking|HashMissing|hashes are required|verify hashes"),
        "Packages are installed by their hashes here, and an address of git has none.",
        f"Have the engine in the project ({VENDORED}), and add hashes of what is left.",
    ),
    (
        re.compile(r"Unsupported Git URL scheme|Unsupported URL"),
        "uv installs the engine from an https, ssh or file address of git, and from no other.",
        "Copy the template from such an address.",
    ),
    (
        re.compile(r"It looks like a path\. File '[^']* @ git\+file:"),
        "pip before 24 reads no address of git on this machine.",
        "Upgrade it with `python -m pip install --upgrade pip`, or install uv.",
    ),
    (
        # Windows lets nobody replace a program that runs.
        re.compile(r"being used by another process|WinError 5|\(os error (?:5|32)\)"),
        "The command `test-harness` runs, and so cannot be replaced.",
        "Call it as `python -m test_harness`.",
    ),
    (
        re.compile(
            r"Read-only file system|Permission denied|Operation not permitted|"
            r"EnvironmentError: \[Errno 13\]"
        ),
        "The environment cannot be written to.",
        "Activate one that belongs to you, or delete it to have it made anew.",
    ),
    (
        re.compile(
            r"current Python version \(.*\) does not satisfy|requires a different Python|"
            r"Ignored the following versions that require a different python"
        ),
        "The environment has a Python that the test requirements do not support.",
        "Make the environment with Python 3.10 or a later one.",
    ),
]

# What uv and pip say when versions do not go together.
CONFLICT = re.compile(r"unsatisfiable|ResolutionImpossible|conflicting dependencies|no version of")


LIMITS = re.compile(r"^\[limits\]\s*\n((?:(?!\[).*\n?)*)", re.MULTILINE)
# How long a child that is told to end may take to print where it stands, in seconds.
GRACE = 5
# How long an interpreter may take for a few lines, on a busy machine.
ANSWER = 120


@dataclass(frozen=True)
class Ended:
    """How a child process ended.

    `late` says that its time was over and that it was ended for it: then the end of `output` has
    the stacks of its threads, if it is a Python.
    """

    status: int
    output: str
    late: bool = False


def run_within(
    command: Sequence[str],
    seconds: float,
    *,
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    heard: Callable[[str], object] = lambda line: None,
) -> Ended:
    """Run a program, and end it when its time is over.

    Args:
        command: The program and its arguments.
        seconds: How long it may take; 0 is for ever.
        folder: Where it starts.
        variables: Environment variables beside the others.
        environment: The others; those of this process if not given.
        heard: Called with each line that it prints, while it runs.

    Raises:
        OSError: It cannot be started.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        # A Python that gets SIGABRT says where each of its threads stands.
        env={
            **(os.environ if environment is None else environment),
            "PYTHONFAULTHANDLER": "1",
            # A pipe of Windows has letters of its own otherwise, and lacks most.
            "PYTHONIOENCODING": "utf-8",
            **(variables or {}),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    lines: list[str] = []

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as stream:
            for line in stream:
                lines.append(line)
                heard(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    late = False
    try:
        process.wait(seconds or None)
    except subprocess.TimeoutExpired:
        late = True
        _end(process)
    except KeyboardInterrupt:
        # It was interrupted as well, and has something to say.
        _end(process, asked=True)
        raise
    # What it started itself may live on and hold the pipe open: nobody waits for that.
    reader.join(GRACE)
    return Ended(process.returncode, "".join(lines), late)


def _end(process: subprocess.Popen[str], *, asked: bool = False) -> None:
    """End a child, and let it say where it stands."""
    if not asked and hasattr(signal, "SIGABRT") and sys.platform != "win32":
        process.send_signal(signal.SIGABRT)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def seconds_for(name: str) -> int:
    """Return how long something may take, as the project has it in `[limits]`; 0 is for ever.

    Nothing but the standard library is there to read the file with, and 3.10 reads no TOML.

    Args:
        name: A key of that section.
    """
    if given := os.environ.get(f"TEST_HARNESS_LIMITS_{name.upper()}"):
        return int(given) if given.isdigit() else 0
    try:
        path = suite_dir() / SETTINGS_FILE
        text = path.read_text(encoding="utf-8")
    except (HarnessError, OSError):
        text = ""
    section = LIMITS.search(text)
    line = re.search(rf"^{name}\s*=\s*(\d+)", section[1], re.MULTILINE) if section else None
    return int(line[1]) if line else int(getattr(LimitSettings, name))


class SetupError(Exception):
    """The environment cannot be made; the message says why and how to mend it."""


class ConflictError(SetupError):
    """Versions do not go together."""


def run(command: Sequence[str], extra: Mapping[str, str] | None = None) -> None:
    """Run an installer quietly; `extra` are environment variables for it.

    Raises:
        ConflictError: It is an installer, and what it is to install does not go together.
        SetupError: It cannot be run, failed, or did not end; the message has the end of what it
            printed.
    """
    seconds = seconds_for("install")
    program = shutil.which(command[0]) or command[0]  # Windows finds `poetry.cmd` no other way.
    # A private repository without access is a failure, not a prompt that nobody sees.
    silent = {"GIT_TERMINAL_PROMPT": os.environ.get("GIT_TERMINAL_PROMPT", "0")}
    try:
        done = run_within([program, *command[1:]], seconds, variables={**silent, **(extra or {})})
    except OSError as error:
        raise SetupError(f"{command[0]} cannot be run: {error}\n  Fix: install it.") from None
    if not (done.status or done.late):
        return
    shown = "\n    ".join(done.output.strip().splitlines()[-12:])
    name = " ".join(command[:3])
    if done.late:
        raise SetupError(
            f"`{name} ...` did not end within {seconds:g} seconds:\n    {shown}\n  Fix: see what "
            "it waits for, or raise [limits] install in harness.toml."
        )
    for pattern, problem, fix in KNOWN:
        if pattern.search(done.output):
            raise SetupError(f"{problem}\n    {shown}\n  Fix: {fix}")
    raise (ConflictError if CONFLICT.search(done.output) else SetupError)(
        f"`{name} ...` failed:\n    {shown}\n"
        "  Fix: mend what it names, or activate an environment that has the packages."
    )


def ask(python: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a few lines in another interpreter, apart from modules of the user's in this folder.

    Args:
        python: The interpreter.
        code: The lines.
        arguments: What they find in `sys.argv`.

    Raises:
        SetupError: It does not end.
    """
    try:
        return subprocess.run(
            # What it prints is read as UTF-8, which is not what Windows would have it print.
            [str(python), "-I", "-X", "utf8", "-c", code, *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=ANSWER,
        )
    except subprocess.TimeoutExpired:
        raise SetupError(
            f"{python} did not answer within {ANSWER} seconds.\n  Fix: see what it does when it "
            "starts, or delete the environment to have it made anew."
        ) from None


def python_of(folder: Path) -> Path | None:
    """Return the interpreter of an environment, None where the folder is none."""
    for python in (folder / "bin" / "python", folder / "Scripts" / "python.exe"):
        if python.exists():
            return python
    return None


def called(command: str) -> str:
    """Return how a person calls a command of the harness in the folder of the project.

    Args:
        command: Its name.
    """
    if sys.platform != "win32":
        return f"make -f test-harness.mk harness-{command}"
    if (suite_dir() / ENGINE_FOLDER / "__main__.py").exists():
        return f"python {suite_dir().name}/{ENGINE_FOLDER} {command}"
    return f"python -m test_harness {command}"


def say(text: str) -> None:
    """Print a line at once, so that it stands in order with the output of child processes."""
    print(text, flush=True)
