"""A class that cannot be read has no factory, says why, and stops no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from test_harness.commands.results import read_results
from tests.engine.factories.test_factory_messages import HEAD, THING
from tests.engine.factories.test_factory_zoo import contract, of_models, python, write
from tests.worlds import build_tree, run

pytestmark = pytest.mark.runs

__all__ = ["python"]  # the fixture

BROKEN = """
from sqlalchemy.types import TypeDecorator


class Broken(TypeDecorator):
    impl = sa.String(20)
    cache_ok = True

    @property
    def python_type(self):
        raise RuntimeError("which one?")

"""
CLASSES = """
    kind = mapped_column(Broken, nullable=False)


class Part(Base):
    __tablename__ = "parts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    thing_id: Mapped[int] = mapped_column(ForeignKey("things.id"))
    thing: Mapped[Thing] = relationship()


class Piece(Base):
    __tablename__ = "pieces"

    id: Mapped[int] = mapped_column(primary_key=True)
    thing_id: Mapped[int] = mapped_column(ForeignKey("things.id"))


class Plain(Base):
    __tablename__ = "plain"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
"""


@pytest.fixture(scope="module")
def project(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of classes of which one has a type that fails."""
    folder = tmp_path_factory.mktemp("unread") / "project"
    build_tree(folder, {"shop.py": HEAD + BROKEN + THING + CLASSES})
    return of_models(template, folder, "shop:Base")


def test_all_others_have_a_factory_and_it_is_said_why_one_has_none(
    python: Path, project: Path
) -> None:
    printed = write(python, project)
    assert "Wrote tests/factories.py: PartFactory, PieceFactory, Plain" in printed
    assert (
        "Thing cannot be read: RuntimeError: which one? (shop.py:21). "
        "Write ThingFactory with the columns that a row is refused without"
    ) in printed
    assert (
        "Part.thing_id needs a row of Thing, which cannot be read. Write in PartFactory" in printed
    )
    assert "Piece.thing_id needs a row of Thing" in printed
    written = (project / "tests" / "factories.py").read_text()
    assert "SubFactory(" not in "".join(it for it in written.splitlines() if "#" not in it)


def test_only_its_own_check_fails_and_those_that_need_it(python: Path, project: Path) -> None:
    write(python, project)
    printed = contract(python, project)
    assert "FAILED" in printed
    for name, fine in {"Thing": False, "Part": False, "Plain": True}.items():
        assert (
            f"FAILED tests/checks/test_factories_sync.py::test_rows_are_saved_and_read_back"
            f"[{name}]" not in printed
        ) is fine, printed
    assert "Thing cannot be read: RuntimeError" in printed


def test_a_mistake_of_the_harness_is_noted_as_its_own(python: Path, project: Path) -> None:
    body = """
        import pytest
        from odd import Odd
        from test_harness import letters


        @pytest.mark.parametrize("number", [None, Odd()], ids=["its own", "another's"])
        def test_it(number):
            letters(number, 3)


        def test_assertion():
            assert letters(0, 3) == "bbb"
    """
    text = "\n".join(line.removeprefix(" " * 8) for line in body.splitlines())
    file = "tests/checks/test_fault.py"
    odd = "class Odd:\n    def __divmod__(self, other):\n        raise TypeError('of its own')\n"
    build_tree(project, {file: text, "odd.py": odd})
    run(python, "-m", "pytest", "-q", file, "--junit-xml=it.xml", cwd=project, check=False)
    (project / file).unlink()
    results = read_results(project / "it.xml")
    assert results is not None
    faults = {test: one.fault for test, one in results.failures.items() if one.fault}
    assert list(faults) == ["test_fault::test_it[its own]"]
    assert "TypeError" in faults["test_fault::test_it[its own]"]
    assert "(test_harness/factories/patterns.py:" in faults["test_fault::test_it[its own]"]
    assert len(results.failures) == 3
