"""Render a project with its harness as a user would, run its suite, and sum up what happened.

    python -m tools.demo examples/answers/fastapi-async-sqlite.yml build/demo

Copier's own output is passed through; only its list of created files is shortened to one line per
folder. The exit status is 0 when the suite is green.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"

# What would change how the run ends. A strict hook makes Copier delete a project that is red.
FOREIGN_VARIABLES = ("VIRTUAL_ENV", "TEST_HARNESS_STRICT")

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
WRITTEN = re.compile(r"^ *(?:create|identical) +(.+)$")
TASK = re.compile(r"^ *> Running task ")
GREEN = re.compile(
    r"^Green: (?P<passed>\d+) passed(?: \(\d+ of the harness itself\))?"
    r"(?:, (?P<skipped>\d+) skipped)? "
    r"\(environment (?P<environment>[\d.]+) s, suite (?P<suite>[\d.]+) s\)\.$"
)

Say = Callable[[str], None]


class DemoError(Exception):
    """What was asked for cannot be done; the message says why."""


@dataclass
class Copied:
    """How a run of `copier copy` ended; phases are in seconds and 0 when they were not reached."""

    status: int = 0
    files: int = 0
    passed: int = 0
    skipped: int = 0
    render: float = 0.0
    environment: float = 0.0
    suite: float = 0.0
    total: float = 0.0
    output: list[str] = field(default_factory=list)

    @property
    def green(self) -> bool:
        """Whether the suite ran and every test of it passed."""
        return self.status == 0 and self.passed > 0

    @property
    def counts(self) -> str:
        """The numbers of tests, as pytest words them."""
        return f"{self.passed} passed" + (f", {self.skipped} skipped" if self.skipped else "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.add_argument("answers", type=Path, help="a file of examples/answers, or one like it")
    parser.add_argument("destination", type=Path, help="an empty folder, or one inside build/")
    options = parser.parse_args(arguments)
    try:
        answers = existing(options.answers)
        make_room(options.destination)
        copied = copy(["--data-file", str(answers)], options.destination, say=say)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    say("")
    for line in summary(copied, options.answers, options.destination):
        say(line)
    return 0 if copied.green else copied.status or 1


def existing(answers: Path) -> Path:
    """Return the absolute path of a file of answers.

    Raises:
        DemoError: There is no such file.
    """
    if not answers.is_file():
        raise DemoError(f"There is no file {answers}: name one of examples/answers.")
    return answers.resolve()


def make_room(destination: Path) -> None:
    """Empty the destination if it lies inside build/; anywhere else it has to be empty already.

    Raises:
        DemoError: Something is there that is not ours to delete.
    """
    inside_build = BUILD in destination.resolve().parents
    if destination.is_dir() and inside_build:
        shutil.rmtree(destination.resolve())
    elif destination.is_dir() and any(destination.iterdir()):
        raise DemoError(
            f"{destination} is not empty, and only folders inside build/ are emptied: "
            "name another one."
        )
    elif destination.exists() and not destination.is_dir():
        raise DemoError(f"{destination} is a file: name a folder.")


def copy(given: Sequence[str], destination: Path, say: Say) -> Copied:
    """Run `copier copy` of this repository, as it stands in the working tree, into a folder.

    Args:
        given: Arguments of Copier with the answers.
        destination: The folder, missing or empty.
        say: Is handed each line to show.
    """
    copied = Copied()
    written: list[str] = []
    began = time.perf_counter()
    with subprocess.Popen(
        copier_command(given, destination),
        cwd=ROOT,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for coloured in process.stdout:
            line = COLOUR.sub("", coloured).rstrip()
            copied.output.append(line)
            if found := WRITTEN.match(line):
                written.append(found[1])
                continue
            if TASK.match(line):
                copied.render = time.perf_counter() - began
                written = [name for name in written if (destination / name).is_file()]
                copied.files = len(written)
                for group in grouped(written):
                    say(group)
                say("")
            elif found := GREEN.match(line):
                copied.passed = int(found["passed"])
                copied.skipped = int(found["skipped"] or 0)
                copied.environment = float(found["environment"])
                copied.suite = float(found["suite"])
            # Copier sets its messages apart by several empty lines.
            if line or (len(copied.output) > 1 and copied.output[-2]):
                say(line)
    copied.status = process.returncode
    copied.total = time.perf_counter() - began
    return copied


def copier_command(given: Sequence[str], destination: Path) -> list[str]:
    """Return the command; that uncommitted changes are rendered too needs no warning here."""
    return [
        sys.executable,
        "-W",
        "ignore:Dirty template changes included:UserWarning",
        "-m",
        "copier",
        "copy",
        "--trust",
        "--defaults",
        "--vcs-ref",
        "HEAD",
        *given,
        str(ROOT),
        str(destination.absolute()),
    ]


def clean_environment() -> dict[str, str]:
    """Return the environment for Copier, with the uv of this repository at hand."""
    kept = {key: value for key, value in os.environ.items() if key not in FOREIGN_VARIABLES}
    return {**kept, "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]])}


def grouped(names: Sequence[str]) -> list[str]:
    """Return one line for each top folder of the given files, and one for those outside any."""
    folders = Counter(
        name.partition("/")[0] + "/" if "/" in name else "./" for name in sorted(names)
    )
    width = max(map(len, folders), default=0)
    return [
        f"    create  {name:{width}}  {count:3} {'file' if count == 1 else 'files'}"
        for name, count in sorted(folders.items())
    ]


def summary(copied: Copied, answers: Path, destination: Path) -> list[str]:
    """Return the closing lines: what was rendered, how it went, and what to do next."""
    if copied.status and not copied.files:
        return [f"Nothing was rendered for {answers}: Copier says why above."]
    rendered = f"Rendered {copied.files} files for {answers} into {destination}."
    phases = (
        f"render {copied.render:.1f} s, environment {copied.environment:.1f} s, "
        f"suite {copied.suite:.1f} s, total {copied.total:.1f} s"
    )
    if copied.green:
        return [
            rendered,
            f"{copied.counts}: {phases}.",
            f"Next: cd {destination} && make test",
            f"Read: {readme_of(destination)}",
        ]
    return [
        rendered,
        "The suite is not green: the reason stands above.",
        f"Next: cd {destination} && make harness-check",
    ]


def readme_of(destination: Path) -> Path:
    """Return the README of the harness, in whichever folder the answers put it."""
    settings = next(destination.glob("*/harness.toml"))
    return settings.with_name("README.md")


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
