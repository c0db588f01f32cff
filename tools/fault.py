"""What a fault is that a generated suite must catch."""

from __future__ import annotations

from dataclasses import dataclass


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
