"""What an oracle has to say of an operation."""

from __future__ import annotations

from dataclasses import dataclass

from test_harness.walk.operation import Operation


@dataclass(frozen=True)
class Finding:
    """A fault of one operation, with what betrays it.

    Args:
        oracle: The name of who says so.
        operation: Whose fault it is.
        problem: One sentence on what is wrong: what was sent, by whom, what came back.
        evidence: The row, the value, the statement or the line that betrays it.
        fix: One sentence on what to do.
    """

    oracle: str
    operation: Operation
    problem: str
    evidence: str = ""
    fix: str = ""

    def __str__(self) -> str:
        parts = [f"{self.oracle}: {self.problem}"]
        parts += [f"  seen: {self.evidence}"] if self.evidence else []
        parts += [f"  at {self.operation.where}"] if self.operation.where else []
        parts += [f"  Fix: {self.fix}"] if self.fix else []
        return "\n".join(parts)
