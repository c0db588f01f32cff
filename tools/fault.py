"""What a fault is that a generated suite must catch."""

from __future__ import annotations

from dataclasses import dataclass

# A copy of the engine in the project can be broken without harm to the one that is installed.
ENGINE = "tests/test_harness"


@dataclass(frozen=True)
class Fault:
    """One fault.

    `cell` names the answers it is planted in, `file` is relative to the rendered project, `old`
    must stand there exactly once, `caught_by` is the test that must turn red, or the file of tests
    that must not be collected, and `because` has to stand in what pytest prints about it.
    """

    promise: str
    what: str
    cell: str
    file: str
    old: str
    new: str
    caught_by: str
    because: str

    @property
    def engine(self) -> str:
        """The answer to how the project gets the engine."""
        return "vendored" if self.file.startswith(f"{ENGINE}/") else "installed"

    @property
    def project(self) -> str:
        """The name of the project that it is planted in."""
        return f"{self.cell}-{self.engine}"
