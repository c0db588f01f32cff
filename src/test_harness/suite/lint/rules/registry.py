"""All families of rules, in the order of their codes."""

from __future__ import annotations

from test_harness.suite.lint.finding import Rule
from test_harness.suite.lint.rules import (
    assertions,
    changing,
    doubles,
    exceptions,
    flow,
    marks,
    names,
    state,
)

UNEXPLAINED = Rule(
    "TH001",
    "ignore-without-reason",
    "The finding is ignored without a reason.",
    "Write it behind: `# test-harness: ignore[TH101] because ...`.",
)
UNUSED_IGNORE = Rule(
    "TH002",
    "unused-ignore",
    "There is no {} here to ignore.",
    "Delete the comment.",
)
NO_PYTHON = Rule(
    "TH003",
    "no-python",
    "The file is no Python that this one reads: {}.",
    "Mend it; pytest cannot import it either.",
)
FAMILIES = (assertions, flow, exceptions, changing, state, marks, doubles, names)
RULES = (
    UNEXPLAINED, UNUSED_IGNORE, NO_PYTHON, *(rule for family in FAMILIES for rule in family.RULES),
)  # fmt: skip
