"""Runs the programs that make environments, and tells in one message why one failed."""

from __future__ import annotations

import os
import re
import subprocess

# What installers say, what it means, and what can be done about it.
KNOWN = [
    (
        re.compile(
            r"name resolution|dns error|error sending request|Failed to fetch|Connection refused|"
            r"Could not resolve host|Network is unreachable|NewConnectionError|"
            r"network connectivity|timed out"
        ),
        "The package index, or the address of the engine, cannot be reached.",
        "Run the command again where there is a network; in a closed one answer `vendored` to the "
        "question about the engine (`test-harness update --data engine=vendored`).",
    ),
    (
        re.compile(
            r"could not read Username|Authentication failed|Permission denied \(publickey|"
            r"[Rr]epository not found|[Rr]epository '.*' not found|terminal prompts disabled|"
            r"does not appear to be a git repository"
        ),
        "The repository that the engine is installed from gives it to nobody without access.",
        "Give git a token or a key for it, here and in CI, or answer `vendored` to the question "
        "about the engine (`test-harness update --data engine=vendored`).",
    ),
    (
        re.compile(r"require-hashes|hash-checking|HashMissing|hashes are required|--hash"),
        "Packages are installed by their hashes here, and an address of git has none.",
        "Answer `vendored` to the question about the engine "
        "(`test-harness update --data engine=vendored`), and add hashes of what is left.",
    ),
    (
        re.compile(r"Read-only file system|Permission denied|EnvironmentError: \[Errno 13\]"),
        "The environment cannot be written to.",
        "Activate one that belongs to you, or delete it to have it made anew.",
    ),
]


class SetupError(Exception):
    """The environment cannot be made; the message says why and how to mend it."""


def run(command: list[str], extra: dict[str, str] | None = None) -> None:
    """Run a program quietly; `extra` are environment variables for it.

    Raises:
        SetupError: It cannot be run, or failed; the message has the end of what it printed.
    """
    try:
        done = subprocess.run(
            command,
            # A private repository without access is a failure, not a prompt that nobody sees.
            env={"GIT_TERMINAL_PROMPT": "0", **os.environ, **(extra or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise SetupError(f"{command[0]} cannot be run: {error}\n  Fix: install it.") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        shown = "\n    ".join(said.splitlines()[-12:])
        for pattern, problem, fix in KNOWN:
            if pattern.search(said):
                raise SetupError(f"{problem}\n    {shown}\n  Fix: {fix}")
        raise SetupError(
            f"`{' '.join(command[:3])} ...` failed:\n    {shown}\n"
            "  Fix: mend what it names, or activate an environment that has the packages."
        )
