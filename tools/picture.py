"""Make docs/demo.svg anew: a person answers the questions in a terminal and sees a green suite.

    python -m tools.picture

The picture shows what really happened. Only the list of created files is cut short, and the paths
and the command are those of a reader who keeps nothing of this repository.
"""

from __future__ import annotations

import io
import itertools
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pyte
from pyte.screens import Char
from rich.console import Console
from rich.style import Style
from rich.text import Text

from tools.demo import ROOT, clean_environment, copier_command, say

PICTURE = ROOT / "docs" / "demo.svg"
COMMAND = "uvx --with copier-template-extensions copier copy --trust gh:org/test-harness backend/"
DESTINATION = "backend"

# Wide enough for every question; the picture is as wide as its longest line.
COLUMNS, ROWS = 200, 300
SECONDS = 300.0
QUESTION = "🎤"
CREATED_SHOWN = 3

# Lines that only tell where the template lies on this machine.
LEFT_OUT = re.compile(
    r"^(Copying from template version| *identical |The engine was installed from this machine|"
    r"template: `copier copy` from there)"
)
CLONE = re.compile(r"'[^']*/copier\._vcs\.clone\.\w+/")
EMPHASIS = (
    (re.compile(r"^[.sFEx]+ +\[ *\d+%\]$"), "green"),
    (re.compile(r"^Green: .*"), "bold green"),
)


def main() -> int:
    """Make the picture and return the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        destination = Path(folder) / DESTINATION
        lines = tidy(record(destination), destination)
    if not any(line.plain.startswith("Green:") for line in lines):
        for line in lines:
            say(line.plain)
        print("The suite is not green: no picture was made.", file=sys.stderr)
        return 1
    save(lines)
    say(f"Written to {PICTURE.relative_to(ROOT)}: {len(lines)} lines.")
    return 0


def record(destination: Path) -> list[Text]:
    """Run the command in a terminal, accept each default, and return the screen at the end.

    Raises:
        TimeoutError: The command did not end.
    """
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.Stream(screen)
    program, *arguments = copier_command([], destination)
    arguments.remove("--defaults")
    child: pexpect.spawn[str] = pexpect.spawn(
        program,
        arguments,
        cwd=str(destination.parent),
        # Without the second, prompts wait for a terminal that tells where its cursor is.
        env={**clean_environment(), "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"},
        dimensions=(ROWS, COLUMNS),
        encoding="utf-8",
    )
    answered = 0
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        # Nothing for a moment: either a question is waiting, or the suite is at work.
        event = child.expect([r".+", pexpect.EOF, pexpect.TIMEOUT], timeout=0.3)
        if event == 0:
            stream.feed(str(child.after))
        elif event == 1:
            child.close()
            return [text_of(screen, row) for row in range(ROWS)]
        elif sum(line.startswith(QUESTION) for line in screen.display) > answered:
            child.send("\r")
            answered += 1
    child.close(force=True)
    raise TimeoutError(f"the command did not end within {SECONDS:.0f} seconds")


def text_of(screen: pyte.Screen, row: int) -> Text:
    """Return one row of a terminal with its colours."""
    text = Text()
    chars = [screen.buffer[row][column] for column in range(screen.columns)]
    for style, alike in itertools.groupby(chars, key=style_of):
        text.append("".join(char.data for char in alike), style)
    text.rstrip()
    return text


def style_of(char: Char) -> Style:
    """Return how a character looks; pyte calls yellow brown, as terminals once showed it."""
    if char.fg == "default":
        return Style(bold=char.bold)
    name = char.fg.replace("brown", "yellow").replace("bright", "bright_")
    is_hexadecimal = re.fullmatch(r"[0-9a-f]{6}", char.fg) is not None
    return Style(color=f"#{char.fg}" if is_hexadecimal else name, bold=char.bold)


def tidy(screen: list[Text], destination: Path) -> list[Text]:
    """Return the lines worth a picture, with the paths a reader would see."""
    lines: list[Text] = [Text.assemble(("$ ", "bold green"), COMMAND)]
    created = [line for line in screen if line.plain.startswith("    create  ")]
    files = [line for line in created if is_file(destination, line.plain.split(maxsplit=1)[1])]
    shown = [id(line) for line in files[:CREATED_SHOWN]]
    for line in screen:
        if LEFT_OUT.match(line.plain) or (line in created and id(line) not in shown):
            continue
        lines.append(emphasised(shortened(line, destination)))
        if shown and id(line) == shown[-1]:
            more = len(files) - CREATED_SHOWN
            lines.append(Text(f"            ... and {more} more files", style="dim"))
    return list(without_repeated_blanks(lines))


def is_file(destination: Path, name: str) -> bool:
    """Whether Copier created a file of this name, not a folder."""
    return (destination / name).is_file()


def shortened(line: Text, destination: Path) -> Text:
    """Return the line without the paths of this machine."""
    if "Running task" in line.plain:
        return Text(CLONE.sub("'template/", line.plain.replace(sys.executable, "python")))
    if str(destination) in line.plain:
        return Text(line.plain.replace(str(destination), DESTINATION))
    return line


def emphasised(line: Text) -> Text:
    """Return the line with the colour that pytest and the hook give it when they can."""
    for pattern, style in EMPHASIS:
        if pattern.match(line.plain):
            return Text(line.plain, style=style)
    return line


def without_repeated_blanks(lines: list[Text]) -> Iterator[Text]:
    """Yield the lines; of several empty ones only the first, and none at the end."""
    end = max(number for number, line in enumerate(lines, 1) if line.plain)
    for number, line in enumerate(lines[:end]):
        if line.plain or lines[number - 1].plain:
            yield line


def save(lines: list[Text]) -> None:
    """Write the picture."""
    console = Console(
        record=True,
        width=max(line.cell_len for line in lines) + 1,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    for line in lines:
        console.print(line, no_wrap=True, overflow="ignore", crop=False, highlight=False)
    PICTURE.parent.mkdir(exist_ok=True)
    # A fixed id, so that a new picture differs from the old one only in what it shows.
    console.save_svg(str(PICTURE), title="test-harness", unique_id="demo")


if __name__ == "__main__":
    sys.exit(main())
