"""Every kind of faulty history is reported by the check meant for it, and a healthy one by none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.histories import DRIVERS, ENV_PY, Past, Step, examined
from tests.histories.faulty import FAULTY
from tests.histories.healthy import (
    AGE,
    AGE_MODEL,
    HEALTHY,
    NAME,
    NAME_MODEL,
    SHOP,
    SHOP_MODEL,
    USERS,
    USERS_MODEL,
)


def on_each_engine(pasts: list[Past]) -> list[object]:
    return [
        pytest.param(past, engine, id=f"{engine}: {past}")
        for past in pasts
        for engine in past.engines
    ]


@pytest.mark.parametrize(("past", "engine"), on_each_engine(HEALTHY))
def test_a_healthy_history_is_not_reported(tmp_path: Path, past: Past, engine: str) -> None:
    report = examined(past, engine, tmp_path)
    assert not report.obstacle
    assert [str(finding) for finding in report.found] == []
    assert report.reaches_head


@pytest.mark.parametrize(("past", "engine"), on_each_engine(FAULTY))
def test_a_fault_is_reported_by_the_check_meant_for_it(
    tmp_path: Path, past: Past, engine: str
) -> None:
    report = examined(past, engine, tmp_path)
    assert not report.obstacle
    assert {finding.check for finding in report.found} == {past.check}
    assert past.says in "\n".join(map(str, report.found))


def test_a_column_that_is_dropped_while_it_is_mapped_is_named(tmp_path: Path) -> None:
    steps = [USERS, NAME, Step(NAME.downgrade, NAME.upgrade)]
    found = examined(Past("dropped", steps, USERS_MODEL + NAME_MODEL), "sqlite", tmp_path).found
    assert {finding.name for finding in found} == {
        "DB101 0003 users.name",
        "models column users.name",
    }


@pytest.mark.parametrize("engine", DRIVERS)
def test_one_broken_downgrade_is_one_finding_and_hides_no_other(
    tmp_path: Path, engine: str
) -> None:
    steps = [
        USERS,
        Step(AGE.upgrade + "\n" + NAME.upgrade, 'op.drop_column("users", "age")\nnonsense()'),
        Step(SHOP.upgrade.partition("\nop.")[0], SHOP.downgrade),
        Step('op.drop_table("orders")\n' + SHOP.upgrade, "raise NotImplementedError"),
        Step(SHOP.upgrade.replace("orders", "sales"), "pass"),
        Step('op.drop_table("sales")', SHOP.upgrade.replace("orders", "sales")),
        Step('op.execute("DROP TABLE nowhere")', "pass"),
        Step("pass", "pass"),
    ]
    found = examined(Past("many faults", steps), engine, tmp_path).found
    assert [finding.name for finding in found] == [
        "empty 0008", "downgrade 0002", "downgrade 0004", "rows 0004 orders", "downgrade 0005",
        "upgrade 0007",
    ]  # fmt: skip
    assert "\n  Revisions after it, which were not looked at: 1\n" in str(found[-1])


@pytest.mark.parametrize("engine", DRIVERS)
def test_the_way_goes_on_after_a_downgrade_that_does_nothing(tmp_path: Path, engine: str) -> None:
    env = f"open({str(tmp_path / 'runs')!r}, 'a').write('run ')\n{ENV_PY}"
    steps = [
        USERS,
        Step(AGE.upgrade, "raise SystemExit(1)", ("0001",)),
        Step(NAME.upgrade, "pass", ("0001",)),
        Step("pass", "raise NotImplementedError", ("0002", "0003")),
        SHOP,
    ]
    past = Past("nothing", steps, USERS_MODEL + AGE_MODEL + NAME_MODEL + SHOP_MODEL, env=env)
    report = examined(past, engine, tmp_path / "project")
    assert {finding.name for finding in report.found} == {
        "downgrade 0002", "downgrade 0003", "downgrade 0004",
    }  # fmt: skip
    assert (tmp_path / "runs").read_text() == "run "


def test_tables_without_rows_are_named(tmp_path: Path) -> None:
    create = """op.create_table("odd", sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("word", sa.String(20), sa.CheckConstraint("word = 'x' || id"), nullable=False))"""
    models = """sa.Table("odd", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("word", sa.String(20), sa.CheckConstraint("word = 'x' || id"), nullable=False))"""
    past = Past("odd", [Step(create, 'op.drop_table("odd")')], models)
    report = examined(past, "sqlite", tmp_path)
    assert report.found == []
    assert "CHECK constraint failed" in report.unfilled["odd"]


@pytest.mark.parametrize("engine", DRIVERS)
def test_at_least_25_faults_are_known_on_each_engine(engine: str) -> None:
    assert len({past.name for past in FAULTY if engine in past.engines}) >= 25
