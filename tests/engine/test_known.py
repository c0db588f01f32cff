"""`known_failures.txt` is read strictly, and an entry expects one answer and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from test_harness.known import Entry, KnownFailuresError, Seen, block_of, read_known, write_known

HEALTH = Seen("GET /health", "500", "app/main.py:31")
CRASH = Seen("POST /login", "KeyError: 'email'", "app/login.py:7")


def read(folder: Path, text: str) -> dict[str, Entry]:
    path = folder / "known_failures.txt"
    path.write_text(text, encoding="utf-8")
    return read_known(path)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "known_failures.txt"
    entries = [
        Entry("test_health_sync::test_the_health_route_answers", HEALTH),
        Entry("test_flow_login_sync::test_it[a b]", CRASH, "Ada", "the gateway does it"),
    ]
    write_known(path, entries)
    assert list(read_known(path).values()) == entries


def test_where_there_is_no_file_nothing_is_known(tmp_path: Path) -> None:
    assert read_known(tmp_path / "known_failures.txt") == {}


def test_a_file_of_before_names_only_tests(tmp_path: Path) -> None:
    entries = read(
        tmp_path, "# Failed: GET / answered 500\ntest_a::test_b[c]\n# x\ntest_d::test_e\n"
    )
    assert list(entries) == ["test_a::test_b[c]", "test_d::test_e"]
    assert [one.seen for one in entries.values()] == [None, None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("test_a::test_b\n  answr: 500\n", "known_failures.txt:2 is nothing that is known"),
        ("test_a::test_b\n  answer 500\n", "known_failures.txt:2 is nothing that is known"),
        ("test_a::test_b\n  answer:\n", "known_failures.txt:2 is nothing that is known"),
        ("\ntest_a: test_b\n", "known_failures.txt:2 is no name of a test: 'test_a: test_b'."),
        ("  answer: 500\n", "known_failures.txt:1 is of no test."),
        (
            "test_a::test_b\n  answer: 500\n  answer: 200\n",
            "known_failures.txt:3 gives `answer` a second time.",
        ),
        ("test_a::test_b\n  route: GET /\n", "known_failures.txt:1 does not say what was seen."),
        (
            "test_a::test_b\n  answer: 500\n  accepted by: Ada\n",
            "known_failures.txt:1 says only half of who accepted it, and why.",
        ),
        (
            "test_a::test_b\n\ntest_a::test_b\n",
            "known_failures.txt:3 names test_a::test_b once more, as known_failures.txt:1.",
        ),
    ],
)
def test_a_line_that_is_none_of_an_entry_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(KnownFailuresError, match=re.escape(said)):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("known", "seen", "expected"),
    [
        (HEALTH, HEALTH, True),
        (HEALTH, Seen("GET /health", "500", "app/main.py:99"), True),
        (HEALTH, Seen("GET /health", "200", "app/main.py:31"), False),
        (HEALTH, Seen("GET /", "500", "app/main.py:31"), False),
        (HEALTH, None, False),
        (CRASH, Seen("POST /login", "KeyError: 'name'", ""), False),
        (CRASH, Seen("POST /login", "TypeError: 'email'", ""), False),
        (Seen("", "ValueError: no ... here", ""), Seen("", "ValueError: no Ada here", ""), True),
        (Seen("", "ValueError: no ... here", ""), Seen("", "KeyError: no Ada here", ""), False),
    ],
)
def test_an_entry_expects_its_answer_on_its_route(
    known: Seen, seen: Seen | None, expected: bool
) -> None:
    assert Entry("test_a::test_b", known).expects(seen) is expected


def test_what_is_another_number_each_time_is_no_other_exception() -> None:
    first, second = (
        Seen.of_exception(ValueError(f"row {number} of <X at 0x7f{number}>\nand more"), "", "")
        for number in (17, 18)
    )
    assert first.answer == "ValueError: row ... of <X at ...>"
    assert Entry("test_a::test_b", first).expects(second)


def test_a_long_exception_is_cut_and_still_the_same() -> None:
    error = ValueError("x" * 1000)
    seen = Seen.of_exception(error, "", "")
    assert len(seen.answer) < 250
    assert Entry("test_a::test_b", seen).expects(Seen.of_exception(error, "", ""))


def test_what_a_person_completes_is_an_entry(tmp_path: Path) -> None:
    block = (
        block_of("test_a::test_b", HEALTH, is_of_security=True)
        .replace("WHO", "Ada")
        .replace("WHY", "it is so")
    )
    assert read(tmp_path, block) == {
        "test_a::test_b": Entry("test_a::test_b", HEALTH, "Ada", "it is so")
    }
