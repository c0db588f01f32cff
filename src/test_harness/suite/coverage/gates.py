"""What is meant to be reached, of all code, of each layer and of critical files, and what was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

from test_harness.errors import SettingsError
from test_harness.settings.budgets import TargetSettings
from test_harness.suite.coverage.report import Covered, share, share_of_branches

LAYER = re.compile(r"(?P<folder>[^=\s]+)=(?P<meant>\d{1,3})")
HIGHEST = 100


@dataclass(frozen=True)
class Gate:
    """One thing that is meant, and what came of it.

    Args:
        name: What it is of: `line`, `branch`, `critical`, or the folder of a layer.
        meant: How much, in per cent.
        reached: How much it is; None where there is nothing to reach, or nobody measured it.
        files: The files it looks at.
    """

    name: str
    meant: int
    reached: float | None
    files: list[Covered]

    @property
    def is_met(self) -> bool:
        """Whether it is as much as is meant."""
        return self.reached is None or self.reached >= self.meant

    @property
    def worst(self) -> list[Covered]:
        """The files with lines that nobody reached, those with most of them first."""
        missing = [file for file in self.files if file.missed]
        return sorted(missing, key=lambda file: (-len(file.missed), file.path))


def gates(files: list[Covered], targets: TargetSettings) -> Iterator[Gate]:
    """Yield what is meant, with what was reached.

    Args:
        files: What was reached of each file.
        targets: What is meant.

    Raises:
        SettingsError: A layer is written in another way.
    """
    if targets.line:
        yield Gate("line", targets.line, share(files), files)
    if targets.branch:
        yield Gate("branch", targets.branch, share_of_branches(files), files)
    for folder, meant in layers_of(targets.layers):
        of_it = [it for it in files if it.path.startswith(f"{folder}/")]
        yield Gate(folder, meant, share(of_it), of_it)
    if targets.critical and (patterns := targets.critical_paths.split()):
        of_it = [it for it in files if any(fnmatch(it.path, one) for one in patterns)]
        yield Gate("critical", targets.critical, share(of_it), of_it)


def layers_of(written: str) -> list[tuple[str, int]]:
    """Return the folders of layers with what is meant of each: `app/services=85`.

    Args:
        written: The setting.

    Raises:
        SettingsError: It is written in another way.
    """
    found = []
    for one in written.split():
        match = LAYER.fullmatch(one)
        if match is None or int(match["meant"]) > HIGHEST:
            raise SettingsError(
                f"[targets] layers of harness.toml has {one!r}, which is no folder with a number.",
                "Write each as `app/services=85`, with blanks between them.",
            )
        found.append((match["folder"].strip("/"), int(match["meant"])))
    return found
