"""Histories of one kind of change, each once as it goes wrong and once as it goes well.

The rows of the kit have to be such that the first is noticed, and the second is not blamed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.histories import EVERYWHERE, Past, Step

SERVERS = ("postgresql", "mysql")
POSTGRESQL = ("postgresql",)
NOT_MYSQL = ("sqlite", "postgresql")

# What the operations of these histories would be reported for besides.
_ALLOWED = "".join(
    f"# migration-ok {code}: small.\n" for code in ("PG102", "PG103", "PG105", "MY101", "MY104")
)
_ID = 'sa.Column("id", sa.Integer, primary_key=True)'


@dataclass(frozen=True)
class Pair:
    """One kind of change: the columns before, what goes wrong, and what goes well instead.

    `before` and `after` are the columns and constraints of the table `things`, whose key `id` is.
    """

    name: str
    before: str
    after: str
    wrong: Sequence[Step]
    well: Sequence[Step]
    says: str
    engines: tuple[str, ...] = EVERYWHERE
    accepted: str = ""
    outside: str = ""
    """What the first downgrade drops beside the table."""

    def faulty(self) -> Past:
        """Return the history as it goes wrong."""
        return self._past(self.wrong, "rows", self.says)

    def healthy(self) -> Past:
        """Return the history as it goes well."""
        return self._past(self.well, "", "")

    def _past(self, steps: Sequence[Step], check: str, says: str) -> Past:
        first = Step(
            f'op.create_table("things", {_ID}, {self.before})',
            f'op.drop_table("things")\n{self.outside}',
        )
        models = f'sa.Table("things", metadata, {_ID}, {self.after})\n'
        history = [first, *steps]
        return Past(self.name, history, models, check, says, self.engines, accepted=self.accepted)


def altered(there: str, back: str, first: str = "") -> Step:
    """Return a revision that alters the table in batch mode, after a statement of its own."""
    up = f'with op.batch_alter_table("things") as batch:\n    {there}'
    down = f'with op.batch_alter_table("things") as batch:\n    {back}'
    upgrade = f"{first}\n{up}" if first else up
    return Step(_allowing(upgrade), down)


def _allowing(code: str) -> str:
    """Return code with what allows each of its statements."""
    lines = []
    for line in code.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        if line.strip().startswith(("op.", "batch.", "with ")):
            lines += [indent + it for it in _ALLOWED.splitlines()]
        lines.append(line)
    return "\n".join(lines)


def data(statement: str, back: str = "pass") -> Step:
    """Return a revision that changes rows."""
    return Step(f'op.execute("{statement}")', back)


def _state(*labels: str) -> str:
    return (
        f'sa.Column("state", sa.Enum({", ".join(map(repr, labels))}, name="state"), nullable=False)'
    )


def _relabelled(old: str, new: str, *, first: str = "") -> Step:
    def to(labels: str) -> str:
        return (
            'op.execute("ALTER TYPE state RENAME TO old_state")\n'
            f'op.execute("CREATE TYPE state AS ENUM ({labels})")\n'
            'op.execute("ALTER TABLE things ALTER COLUMN state TYPE state'
            ' USING state::text::state")\nop.execute("DROP TYPE old_state")'
        )

    return Step(_allowing(f"{first}\n{to(new)}" if first else to(new)), to(old))


def _check(condition: str) -> str:
    return f'sa.CheckConstraint("{condition}", name="ck_things")'


def _rechecked(old: str, new: str) -> Step:
    def to(condition: str) -> str:
        return (
            'op.drop_constraint("ck_things", "things", type_="check")\n'
            f'op.create_check_constraint("ck_things", "things", "{condition}")'
        )

    return Step(_allowing(to(new)), to(old))


def _column(kind: str, *, nullable: bool = False) -> str:
    return f'sa.Column("it", {kind}, nullable={nullable})'


def _retyped(old: str, new: str, using: str = "") -> Step:
    using = f', postgresql_using="{using}"' if using else ""

    def to(kind: str, was: str, using: str) -> str:
        return (
            f'batch.alter_column("it", type_={kind}, existing_type={was},'
            f" existing_nullable=False{using})"
        )

    return altered(to(new, old, using), to(old, new, ""))


_NOT_NULL = altered(
    'batch.alter_column("it", nullable=False, existing_type=sa.Integer)',
    'batch.alter_column("it", nullable=True, existing_type=sa.Integer)',
)
_WITHOUT_ROWS = "It succeeds on tables without rows"
_TEXT = "sa.String(100)"
_THREE, _TWO = "it IN ('a', 'b', 'c')", "it IN ('a', 'b')"
_ADDED = Step(
    'op.add_column("things", sa.Column("it", sa.Integer))', 'op.drop_column("things", "it")'
)
_DONE = Step(
    "with op.get_context().autocommit_block():\n"
    "    op.execute(\"ALTER TYPE state ADD VALUE 'done'\")",
    "raise NotImplementedError",
)


def _moved(value: str) -> Step:
    """Return a revision that fills a new column and drops the old one."""
    fill = _allowing('op.execute("UPDATE things SET new = VALUE")').replace("VALUE", value)
    return Step(
        'op.add_column("things", sa.Column("new", sa.String(60)))\n'
        f'{fill}\nop.drop_column("things", "it")',
        "raise NotImplementedError",
    )


PAIRS = [
    Pair(
        "a value is taken out of an enum",
        _state("open", "done", "lost"),
        _state("open", "done"),
        [_relabelled("'open', 'done', 'lost'", "'open', 'done'")],
        [
            data("UPDATE things SET state = 'open' WHERE state = 'lost'"),
            _relabelled("'open', 'done', 'lost'", "'open', 'done'"),
        ],
        _WITHOUT_ROWS,
        engines=POSTGRESQL,
        outside='op.execute("DROP TYPE state")',
    ),
    Pair(
        "a value is taken out of an enum that a revision before had added",
        _state("open"),
        _state("open"),
        [
            _DONE,
            _relabelled("'open', 'done'", "'open'"),
        ],
        [
            _DONE,
            data("UPDATE things SET state = 'open' WHERE state = 'done'"),
            _relabelled("'open', 'done'", "'open'"),
        ],
        _WITHOUT_ROWS,
        engines=POSTGRESQL,
        accepted="0002",
        outside='op.execute("DROP TYPE state")',
    ),
    Pair(
        "a value is taken out of the CHECK of a text",
        f"{_column('sa.String(9)')}, {_check(_THREE)}",
        f"{_column('sa.String(9)')}, {_check(_TWO)}",
        [_rechecked(_THREE, _TWO)],
        [data("UPDATE things SET it = 'a' WHERE it = 'c'"), _rechecked(_THREE, _TWO)],
        _WITHOUT_ROWS,
        engines=SERVERS,
    ),
    Pair(
        "a CHECK becomes tighter",
        f"{_column('sa.Integer')}, {_check('it >= 18')}",
        f"{_column('sa.Integer')}, {_check('it >= 21')}",
        [_rechecked("it >= 18", "it >= 21")],
        [data("UPDATE things SET it = 21 WHERE it < 21"), _rechecked("it >= 18", "it >= 21")],
        _WITHOUT_ROWS,
        engines=SERVERS,
    ),
    Pair(
        "a CHECK of a length becomes tighter",
        f"{_column('sa.String(60)')}, {_check('length(it) > 3')}",
        f"{_column('sa.String(60)')}, {_check('length(it) > 8')}",
        [_rechecked("length(it) > 3", "length(it) > 8")],
        [
            data("UPDATE things SET it = concat(it, '123456789') WHERE length(it) < 9"),
            _rechecked("length(it) > 3", "length(it) > 8"),
        ],
        _WITHOUT_ROWS,
        engines=SERVERS,
    ),
    Pair(
        "NOT NULL comes to a column that has rows without a value",
        _column("sa.Integer", nullable=True),
        _column("sa.Integer"),
        [_NOT_NULL],
        [data("UPDATE things SET it = 0 WHERE it IS NULL"), _NOT_NULL],
        _WITHOUT_ROWS,
    ),
    Pair(
        "NOT NULL comes to a column that a revision before had added",
        'sa.Column("name", sa.String(20), nullable=False)',
        f'sa.Column("name", sa.String(20), nullable=False), {_column("sa.Integer")}',
        [_ADDED, _NOT_NULL],
        [
            _ADDED,
            data("UPDATE things SET it = 0 WHERE it IS NULL"),
            _NOT_NULL,
        ],
        _WITHOUT_ROWS,
    ),
    Pair(
        "a text becomes shorter",
        _column(_TEXT),
        _column("sa.String(60)"),
        [_retyped(_TEXT, "sa.String(60)")],
        [
            _retyped(_TEXT, "sa.String(200)"),
            data("UPDATE things SET it = '-' WHERE length(it) > 60"),
            _retyped("sa.String(200)", "sa.String(60)"),
        ],
        _WITHOUT_ROWS,
        engines=SERVERS,
    ),
    Pair(
        "a text is cut while it becomes shorter",
        _column(_TEXT),
        _column("sa.String(60)"),
        [_retyped(_TEXT, "sa.String(60)", "left(it, 60)")],
        [
            data("UPDATE things SET it = '-' WHERE length(it) > 60"),
            _retyped(_TEXT, "sa.String(60)", "left(it, 60)"),
        ],
        "loses data of things: it was",
        engines=POSTGRESQL,
    ),
    Pair(
        "a data migration cuts texts",
        _column(_TEXT),
        _column(_TEXT),
        [data("UPDATE things SET it = substr(it, 1, 60)")],
        [data("UPDATE things SET it = upper(it)")],
        "it is cut from 100 to 60 characters",
    ),
    Pair(
        "a data migration cuts texts that it moves",
        _column(_TEXT),
        'sa.Column("new", sa.String(60))',
        [_moved("substr(it, 1, 60)")],
        [_moved("'moved'")],
        "it, now new, is cut from 100 to 60 characters",
        accepted="0002",
    ),
    Pair(
        "a number loses digits in front",
        _column("sa.Numeric(12, 2)"),
        _column("sa.Numeric(9, 2)"),
        [_retyped("sa.Numeric(12, 2)", "sa.Numeric(9, 2)")],
        [
            data("UPDATE things SET it = 1"),
            _retyped("sa.Numeric(12, 2)", "sa.Numeric(9, 2)"),
        ],
        _WITHOUT_ROWS,
        engines=SERVERS,
    ),
    Pair(
        "a number loses digits behind",
        _column("sa.Numeric(12, 4)"),
        _column("sa.Numeric(12, 2)"),
        [_retyped("sa.Numeric(12, 4)", "sa.Numeric(12, 2)")],
        [data("UPDATE things SET it = 1"), _retyped("sa.Numeric(12, 4)", "sa.Numeric(12, 2)")],
        "loses data of things: it was",
        engines=SERVERS,
    ),
    Pair(
        "a large number becomes a small one",
        _column("sa.BigInteger"),
        _column("sa.Integer"),
        [_retyped("sa.BigInteger", "sa.Integer")],
        [data("UPDATE things SET it = 1"), _retyped("sa.BigInteger", "sa.Integer")],
        _WITHOUT_ROWS,
        engines=SERVERS,
    ),
    Pair(
        "a moment becomes a day",
        _column("sa.DateTime"),
        _column("sa.Date"),
        [_retyped("sa.DateTime", "sa.Date")],
        [data("UPDATE things SET it = '2026-01-01'"), _retyped("sa.DateTime", "sa.Date")],
        "loses data of things: it was",
        engines=POSTGRESQL,
    ),
]
