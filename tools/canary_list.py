"""Which ways out of a test the canaries try, and what is expected of each."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

UNDONE = "undone"
"""What it did is gone after the test, and was there until then as on a connection of its own."""
OUTCOMES = {
    "refused": (
        "test_a_broker_is_refused_whatever_library_asks",
        "test_a_c_library_is_refused",
        "test_a_child_is_refused",
        "test_a_client_is_refused",
        "test_a_copy_by_a_program_is_refused",
        "test_a_driver_that_nobody_knows_is_refused",
        "test_a_forked_child_is_refused_while_its_parent_goes_on",
        "test_a_script_that_ends_a_transaction_is_refused",
        "test_a_statement_that_opens_a_file_is_refused",
        "test_a_transaction_that_is_prepared_in_sql_is_refused",
        "test_a_way_out_is_refused_with_real_commits",
        "test_a_way_out_of_the_server_is_refused",
        "test_ddl_is_refused_by_name",
        "test_other_databases_are_refused_with_real_commits",
        "test_other_databases_of_the_server_are_refused",
        "test_two_phase_transactions_are_refused_by_name",
    ),
    "told": (
        "test_a_conflict_that_also_undoes_what_was_committed",
        "test_a_second_driver_is_isolated_and_warned_of",
        "test_rows_that_break_a_deferred_constraint_are_reported",
        "test_a_wait_has_a_limit",
        "test_who_waited_in_vain_is_told_for_whom",
    ),
    "connection replaced": (
        "test_what_a_connect_listener_sets_holds",
        "test_a_lock_that_is_taken_by_a_value_is_not_inherited",
        "test_codecs_and_listeners_are_not_inherited",
        "test_what_is_registered_with_the_library_is_not_inherited",
        "test_what_is_set_on_the_drivers_connection_is_not_inherited",
        "test_what_outlives_a_rollback_is_not_inherited",
    ),
    "let through": (
        "test_a_forked_child_that_asks_for_nothing",
        "test_statements_that_stay_in_the_database",
        "test_what_is_nobodys_data_is_left_alone",
        "test_what_only_looks_like_a_way_out_is_sent",
    ),
}
EXPECTED = {name: outcome for outcome, names in OUTCOMES.items() for name in names}


@dataclass(frozen=True)
class Canary:
    """A test of the canaries: what it tries, and what is expected of that."""

    file: str
    name: str

    @property
    def outcome(self) -> str:
        """What is expected."""
        return EXPECTED.get(self.name, UNDONE)


def canaries(folder: Path) -> Iterator[Canary]:
    """Return all tests of a folder."""
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.parse(path.read_bytes()).body:
            is_test = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            if is_test and node.name.startswith("test_"):  # type: ignore[attr-defined]
                yield Canary(path.name, node.name)  # type: ignore[attr-defined]


def different(ways: Mapping[str, int]) -> int:
    """Return how many ways there are, those counted once that are tried in both modes.

    Args:
        ways: How many each file has.
    """
    most: Counter[str] = Counter()
    for file, number in ways.items():
        subject = re.sub(r"_(a?sync)\.py$", "", file)
        most[subject] = max(most[subject], number)
    return sum(most.values())


def shown(folder: Path) -> Iterator[str]:
    """Return the catalogue, a line for each canary."""
    for canary in canaries(folder):
        words = canary.name.removeprefix("test_").replace("_", " ")
        yield f"{canary.file:28} {canary.outcome:20} {words}"
