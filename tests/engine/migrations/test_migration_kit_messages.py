"""What the kit says about bad input, to the letter: what is wrong, where, and how to mend it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.histories import ENV_PY, Past, Step, examined
from tests.histories.healthy import AGE, AGE_MODEL, NAME, USERS, USERS_MODEL

READ_AGAIN = (
    "\n  Fix: Correct the down_revision of one that it names; `alembic history` reads the same "
    "files."
)
ONLY_ONCE = """\
import pathlib
mark = pathlib.Path(__file__).with_suffix(".mark")
if mark.exists():
    op.drop_table("nowhere")
mark.touch()
"""
ELSEWHERE = ENV_PY.replace(
    'context.config.get_main_option("sqlalchemy.url")',
    '"postgresql+psycopg://app:s3cret@production.invalid/app"',
)
OBSTACLES = {
    "a missing parent": (
        Past("", [USERS, Step("pass", "pass", ("beef",))]),
        "The history of revisions does not hold together: Revision beef referenced from "
        "beef -> 0002 (head), Take a step is not present." + READ_AGAIN,
    ),
    "a cycle": (
        Past("", [USERS, Step("pass", "pass", ("0003",)), Step("pass", "pass", ("0002",))]),
        "The history of revisions does not hold together: Cycle is detected in revisions "
        "(0002, 0003)." + READ_AGAIN,
    ),
    "the same revision twice": (
        Past("", [USERS, Step("pass", "pass", revision="0001", after=())]),
        "The history of revisions does not hold together: Revision 0001 is present more than once."
        + READ_AGAIN,
    ),
    "a file that cannot be read": (
        Past("", [Step("pass", "pass)")]),
        "A revision cannot be read: SyntaxError: unmatched ')' (0001_step.py, line 21) "
        "(<folder>/migrations/versions/0001_step.py:21).\n"
        "  Fix: Correct the file; `alembic history` reads the same ones.",
    ),
    "an engine of env.py's own that leads elsewhere": (
        Past("", [USERS], USERS_MODEL, env=ELSEWHERE),
        "<folder>/migrations/env.py fails before the first revision: DatabaseLockedError: "
        "migrations/env.py:7 tried to reach a postgresql database "
        "(postgresql://app@production.invalid/app), which is not the test database "
        "(sqlite, a temporary file).\n"
        "  Fix: Point it at the test database's engine in test.env, or override it in the test.",
    ),
    "an env.py that fails": (
        Past("", [USERS], USERS_MODEL, env="raise KeyError('DATABASE_URL')\n"),
        "<folder>/migrations/env.py fails before the first revision: KeyError: 'DATABASE_URL'\n"
        "  Fix: Run `alembic current` and mend what it complains about.",
    ),
}
FINDINGS = {
    "no revision": (
        Past("", []),
        "the history has no revision yet (<folder>/migrations)\n"
        "  Fix: write the first one with `alembic revision --autogenerate -m ...`, or empty "
        "[database] migrations in harness.toml, so that the models build the schema\n"
        "  Accepted in the baseline as: heads none",
    ),
    "two heads": (
        Past(
            "",
            [
                USERS,
                Step(AGE.upgrade, AGE.downgrade, ("0001",)),
                Step(
                    'op.execute("UPDATE users SET email = lower(email)")',
                    "pass",
                    ("0001",),
                ),
            ],
            USERS_MODEL + AGE_MODEL,
        ),
        "the history has the heads ['0002', '0003']: 0002 and 0003 both follow 0001\n"
        '  Fix: join them with `alembic merge -m "Merge" 0002 0003`\n'
        "  Accepted in the baseline as: heads 0002 0003",
    ),
    "an upgrade that fails": (
        Past("", [USERS, Step('op.execute("DROP TABLE nowhere")', "pass"), NAME], USERS_MODEL),
        "the upgrade of 0002 fails: OperationalError: no such table: nowhere\n"
        "  Statement: DROP TABLE nowhere\n"
        "  Revisions after it, which were not looked at: 1\n"
        "  Fix: run `alembic upgrade head` on an empty database and mend the revision\n"
        "  Accepted in the baseline as: upgrade 0002",
    ),
    "a downgrade that fails": (
        Past("", [USERS, Step(AGE.upgrade, 'op.drop_column("users", "years")')], USERS_MODEL),
        'the downgrade of 0002 fails: OperationalError: no such column: "years"\n'
        "  Statement: ALTER TABLE users DROP COLUMN years\n"
        "  Fix: mend it, or add the revision to accepted_downgrades in harness.toml\n"
        "  Accepted in the baseline as: downgrade 0002",
    ),
    "a downgrade that is not implemented": (
        Past("", [USERS, Step(AGE.upgrade, "raise NotImplementedError")], USERS_MODEL),
        "the downgrade of 0002 fails: NotImplementedError\n"
        "  Fix: mend it, or add the revision to accepted_downgrades in harness.toml\n"
        "  Accepted in the baseline as: downgrade 0002",
    ),
    "a forgotten downgrade": (
        Past("", [USERS, Step(AGE.upgrade, "pass")], USERS_MODEL),
        "the downgrade of 0002 does not lead back to where its upgrade began:\n"
        "  left over: column users.age (INTEGER NULL)\n"
        "  Fix: mend it, or add the revision to accepted_downgrades in harness.toml\n"
        "  Accepted in the baseline as: downgrade 0002",
    ),
    "a revision that succeeds only once": (
        Past("", [USERS, Step(ONLY_ONCE + AGE.upgrade, AGE.downgrade), NAME], USERS_MODEL),
        "in another database than it was in before, the upgrade of 0002 fails: OperationalError: "
        "no such table: nowhere\n"
        "  Statement: DROP TABLE nowhere\n"
        "  Revisions after it, which were not looked at: 1\n"
        "  Fix: have it leave nothing outside, as a role or a file\n"
        "  Accepted in the baseline as: upgrade 0002",
    ),
    "what only a script does": (
        Past(
            "",
            [
                USERS,
                Step(
                    "if op.get_context().as_sql:\n    op.execute('DELETE FROM users')",
                    "pass",
                ),
            ],
            USERS_MODEL,
        ),
        "0002 (0002_step.py) does from line 17 on what only `alembic upgrade --sql` writes: a "
        "database that is migrated directly goes without\n"
        "  Fix: have it done in both cases, or write what is done instead under `else`\n"
        "  Accepted in the baseline as: offline 0002",
    ),
}


@pytest.mark.parametrize("kind", OBSTACLES)
def test_what_stands_in_the_way_is_said(tmp_path: Path, kind: str) -> None:
    past, says = OBSTACLES[kind]
    report = examined(past, "sqlite", tmp_path)
    assert report.obstacle.replace(str(tmp_path), "<folder>") == says


@pytest.mark.parametrize("kind", FINDINGS)
def test_what_is_found_is_said(tmp_path: Path, kind: str) -> None:
    past, says = FINDINGS[kind]
    report = examined(past, "sqlite", tmp_path)
    found = [str(finding) for finding in report.found if finding.check != "models"]
    assert [text.replace(str(tmp_path), "<folder>") for text in found] == [says]


@pytest.mark.parametrize(
    ("engine", "error"),
    [
        ("postgresql", 'ProgrammingError: relation "nowhere" does not exist'),
        ("mysql", r"ProgrammingError: \(1146, \"Table '\w+\.nowhere' doesn't exist\"\)"),
    ],
)
def test_what_a_server_refuses_is_said(tmp_path: Path, engine: str, error: str) -> None:
    statement = "ALTER TABLE nowhere ADD COLUMN a INTEGER"
    past = Past("", [USERS, Step(f'op.execute("{statement}")', "pass")], USERS_MODEL)
    (found,) = examined(past, engine, tmp_path).found
    assert re.fullmatch(
        f"the upgrade of 0002 fails: {error}\n  Statement: {statement}", found.problem
    )
