"""What a run draws by chance, from one seed: the order of its tests, and the values in them.

pytest-randomly puts tests in order where it is installed. It would do the same to the tests that a
team had before, under their own configuration, so that it is not brought there; then the harness
does it, for its own suite. `-p no:randomly` leaves them in the order they are written in.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from test_harness.project import project_dir, suite_dir
from test_harness.seeding import new_seed, seed_everything, shown_seed
from test_harness.watch.order.shuffle import shuffled

PEER = "randomly"
CONFIGURATION = "pytest.ini"
_seed = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("test harness").addoption(
        "--seed",
        type=int,
        help="replay a run: the order of its tests, and the random values in them (its header "
        "names the seed)",
    )


# After pytest-randomly has read its own option, and what it remembers of the last run.
@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", {}).get("test_harness_seed", config.getoption("--seed"))
    theirs = getattr(config.option, "randomly_seed", None)
    seed = given if given is not None else theirs if isinstance(theirs, int) else new_seed()
    config.stash[_seed] = seed
    if config.pluginmanager.hasplugin(PEER):
        config.option.randomly_seed = seed
        # Values are seeded here, once for each test: a fixture and its test draw different ones.
        config.option.randomly_reset_seed = False
        if (cache := getattr(config, "cache", None)) is not None:
            # What `--randomly-seed=last` asks for.
            cache.set("randomly_seed", seed)


def seed_of(config: pytest.Config) -> int:
    """Return the seed of a run."""
    return config.stash[_seed]


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {shown_seed(config.stash[_seed])}, tests {_order(config)}"


def _order(config: pytest.Config) -> str:
    return "in the order of the seed" if _reorders(config) else "as they are written"


def _reorders(config: pytest.Config) -> bool:
    """Tell whether tests are put in another order, by whichever of both."""
    is_wanted = getattr(config.option, "randomly_reorganize", True)
    if not is_wanted or config.pluginmanager.is_blocked(PEER):
        return False
    return config.pluginmanager.hasplugin(PEER) or is_suite_of_the_harness(config)


def is_suite_of_the_harness(config: pytest.Config) -> bool:
    """Tell whether pytest runs under the configuration of the harness; `make test-own` does not."""
    ours = suite_dir() / CONFIGURATION
    ours = ours if ours.exists() else project_dir() / CONFIGURATION
    return config.inipath is not None and config.inipath.resolve() == ours.resolve()


# As pytest-randomly does it, before other plugins group what belongs together.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, Any, Any]:
    if _reorders(config) and not config.pluginmanager.hasplugin(PEER):
        items[:] = shuffled(items, config.stash[_seed], lambda item: item.nodeid)
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    seed_everything(item.config.stash[_seed], item.nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    # The seed that the header names is the one of every worker of pytest-xdist.
    node.workerinput["test_harness_seed"] = node.config.stash[_seed]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell which tests passed only when they were run again, whoever ran them again."""
    again = {
        report.nodeid
        for outcome in ("rerun", "retried")
        for report in terminalreporter.stats.get(outcome, ())
    }
    passed = {report.nodeid for report in terminalreporter.stats.get("passed", ())}
    if hidden := sorted(again & passed):
        say = terminalreporter.write_line
        say(f"test harness: {len(hidden)} tests passed only when they were run again:")
        for name in hidden:
            say(f"  {name}")
        say("  Fix: `test-harness flakes` with these names says what they depend on.")
