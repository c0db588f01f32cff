"""`--shard=2/5` runs the second of five parts of a suite, and notes which tests there were.

pytest-split is not used for it: it takes the steps of a journey apart, deals in the order that
tests stand in, and would load in the runs of the tests that a team had before.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import pytest

from test_harness.errors import HarnessError
from test_harness.project import suite_dir
from test_harness.suite.shards.splitting import FILE, dealt, read_durations
from test_harness.watch.order.together import sharing_node

NOTED = "test_harness_shard"
_noted = pytest.StashKey[dict[str, Any]]()


@dataclass(frozen=True)
class Shard:
    """One of the machines that a suite runs on; `number` counts from 1."""

    number: int
    of: int


def shard_from(text: str) -> Shard:
    """Return the shard that `2/5` means.

    Raises:
        argparse.ArgumentTypeError: It means none.
    """
    found = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", text)
    if not found or int(found[1]) > int(found[2]):
        raise argparse.ArgumentTypeError(f"{text!r} is no shard: write 2/5 for the second of five")
    return Shard(int(found[1]), int(found[2]))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("test harness").addoption(
        "--shard",
        type=shard_from,
        metavar="N/M",
        help="run one part of the suite, the others are for other machines: 2/5 is the second of "
        "five; `test-harness shards` proves afterwards that no test was lost",
    )


# Around all others, for what they leave out is in no shard.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, Any, Any]:
    result = yield
    shard: Shard | None = config.getoption("--shard")
    if shard is None:
        return result
    try:
        durations = read_durations(suite_dir() / FILE)
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None
    groups = {item.nodeid: getattr(sharing_node(item), "nodeid", item.nodeid) for item in items}
    shards = dealt(groups, durations, shard.of)
    others = [item for item in items if shards[item.nodeid] != shard.number]
    collected = sorted(item.nodeid for item in items)
    items[:] = [item for item in items if shards[item.nodeid] == shard.number]
    if others:
        config.hook.pytest_deselected(items=others)
    note = {
        "number": shard.number,
        "of": shard.of,
        "collected": collected,
        "chosen": sorted(item.nodeid for item in items),
    }
    config.stash[_noted] = note
    if hasattr(config, "workeroutput"):
        config.workeroutput[NOTED] = note
    return result


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    if note := getattr(node, "workeroutput", {}).get(NOTED):
        node.config.stash[_noted] = note


def shard_of(config: pytest.Config) -> dict[str, Any] | None:
    """Return what a run that is a shard has collected and chosen; None for any other run."""
    return config.stash.get(_noted, None)
