"""What factories cannot do is said in one message: the model, the column, the line to write."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.engine.factories.test_factory_zoo import contract, of_models, python, write
from tests.worlds import build_tree, run

pytestmark = pytest.mark.runs

__all__ = ["python"]  # the fixture

HEAD = """
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass
"""
THING = """

class Thing(Base):
    __tablename__ = "things"

    id: Mapped[int] = mapped_column(primary_key=True)
"""

VIEW = """
    name: Mapped[str]


class Named(Base):
    __table__ = sa.Table("named", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))


Named.__table__.metadata = Base.metadata
view = sa.DDL("CREATE VIEW named AS SELECT id FROM things")
sa.event.listen(Base.metadata, "after_create", view)
"""


@pytest.fixture(scope="module")
def rendered(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The harness for a module called `shop`, of SQLite."""
    folder = tmp_path_factory.mktemp("messages") / "project"
    build_tree(folder, {"shop.py": HEAD + THING})
    return of_models(template, folder, "shop:Base")


@pytest.fixture
def project(rendered: Path) -> Path:
    """The same, without what other tests have left in it."""
    (rendered / "tests" / "factories.py").unlink(missing_ok=True)
    shutil.rmtree(rendered / "tests" / "factories", ignore_errors=True)
    return rendered


def checked(python: Path, project: Path, models: str, head: str = HEAD) -> str:
    """Check the factories of some models, and return what is printed."""
    (project / "shop.py").write_text(head + models, encoding="utf-8")
    return contract(python, project)


@pytest.mark.parametrize(
    ("models", "messages"),
    [
        pytest.param(
            "\nimport no_such_package\n",
            ["shop needs the package 'no_such_package', which is not installed."],
            id="a module that fails to import",
        ),
        pytest.param(
            """
class Keyless(Base):
    __tablename__ = "keyless"

    name: Mapped[str]
""",
            ["could not assemble any primary key columns for mapped table 'keyless'", "Fix: "],
            id="a table without a primary key",
        ),
        pytest.param(
            THING
            + """
    shape = mapped_column(Shape, nullable=False)
""",
            [
                "A row of ThingFactory is refused because of Thing.shape: NOT NULL",
                "Thing.shape is a required column of the type Shape(), for which no value is "
                "known. Write in ThingFactory: shape = ...",
            ],
            id="a required column of an unknown type",
        ),
        pytest.param(
            THING
            + """
    name: Mapped[str | None]


sa.event.listen(Base.metadata, "after_create", sa.DDL("DROP TABLE things"))
narrower = sa.DDL("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
sa.event.listen(Base.metadata, "after_create", narrower)
""",
            [
                "Thing.name may be empty by its model (shop.py:30), and is NOT NULL in the schema.",
                "Fix: Write the migration that drops NOT NULL, or `nullable=False` in the model",
            ],
            id="a column that is NOT NULL in the schema alone",
        ),
        pytest.param(
            THING
            + """
    rating: Mapped[int]

    __table_args__ = (CheckConstraint("rating = 7 AND rating = 8"),)
""",
            [
                "Thing.rating has no value that was found for CHECK (rating = 7 AND rating = 8). "
                "Write in ThingFactory: rating = ...",
            ],
            id="a check that nothing satisfies",
        ),
        pytest.param(
            THING
            + """
    number: Mapped[str]

    __table_args__ = (CheckConstraint("unicode(number) = 50000"),)
""",
            [
                "Thing.number is under CHECK (unicode(number) = 50000), which cannot be "
                "decided. Write in ThingFactory: number = ...",
            ],
            id="a check that cannot be decided",
        ),
        pytest.param(
            THING
            + """
    other_id: Mapped[int] = mapped_column(ForeignKey("others.id"))
    other: Mapped["Other"] = relationship(foreign_keys=[other_id])


class Other(Base):
    __tablename__ = "others"

    id: Mapped[int] = mapped_column(primary_key=True)
    thing_id: Mapped[int] = mapped_column(ForeignKey("things.id", use_alter=True))
    thing: Mapped[Thing] = relationship(foreign_keys=[thing_id])
""",
            [
                "Thing.other_id needs a row of Other, which needs one of Thing.",
                "give one of the two tables a key that may be empty",
            ],
            id="a circle in which no key may be empty",
        ),
        pytest.param(
            """
class First(Base):
    __tablename__ = "shared"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "first"}

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]


class Second(First):
    __mapper_args__ = {"polymorphic_identity": "second"}

    wanted: Mapped[str]
""",
            ["First.wanted is required by the table and not mapped by the class."],
            id="a column that a sibling requires",
        ),
        pytest.param(
            THING
            + """
    year: Mapped[int]


once = sa.DDL("CREATE UNIQUE INDEX once ON things (year)")
sa.event.listen(Base.metadata, "after_create", once)
""",
            [
                "A row of ThingFactory is refused because of Thing.year: UNIQUE constraint failed",
                "Write in ThingFactory: year = Sequence(lambda n: 1000 + n)",
            ],
            id="a unique column that the models do not know",
        ),
        pytest.param(
            THING
            + """
    day: Mapped[date] = mapped_column(default=lambda: datetime(2026, 1, 1, 12))
""",
            [
                "Thing.day was saved as datetime.datetime(2026, 1, 1, 12, 0) and is read as "
                "datetime.date(2026, 1, 1).",
                "Write in ThingFactory: day = date(2026, 1, 1).",
            ],
            id="a default that the column does not keep",
        ),
        pytest.param(
            THING
            + """
    at: Mapped[datetime] = mapped_column(Aware, default=lambda: datetime(2026, 1, 1))
""",
            [
                "The default of Thing.at is refused by the type of its column: no time zone.",
                "Fix: Give it a default that the type takes.",
            ],
            id="a default that the type refuses",
        ),
        pytest.param(
            """

class Thing(sa.orm.MappedAsDataclass, Base, kw_only=True):
    __tablename__ = "things"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    at: Mapped[datetime] = mapped_column(default=datetime.now)
""",
            [
                "The default of Thing.at is a function, which a dataclass keeps as the value and "
                "never calls.",
                "Fix: Give it to the column as `insert_default`, or as `default_factory`.",
            ],
            id="a function for a default of a dataclass",
        ),
    ],
)
def test_one_message_names_model_column_and_line(
    python: Path, project: Path, models: str, messages: list[str]
) -> None:
    head = (
        HEAD
        + """

class Shape(sa.types.UserDefinedType):
    cache_ok = True

    def get_col_spec(self, **options):
        return "SHAPE"


class Aware(sa.types.TypeDecorator):
    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value.tzinfo is None:
            raise ValueError("no time zone")
        return value
"""
    )
    printed = checked(python, project, models, head)
    for message in messages:
        assert message in printed
    assert "Traceback" not in printed


def test_a_check_that_contradicts_a_default_is_named_and_met(python: Path, project: Path) -> None:
    models = (
        THING
        + """
    status: Mapped[str] = mapped_column(default="unknown")

    __table_args__ = (CheckConstraint("status IN ('open', 'shut')"),)
"""
    )
    assert "2 passed" in checked(python, project, models)
    printed = write(python, project)
    assert (
        "Thing.status has the default 'unknown', which contradicts CHECK (status IN ('open', "
        "'shut')). Write in ThingFactory: status = \"open\""
    ) in printed


def test_a_default_is_kept_where_a_check_asks_for_more(python: Path, project: Path) -> None:
    models = (
        THING
        + """
    of_id: Mapped[int | None] = mapped_column(ForeignKey("others.id"))
    of: Mapped["Other | None"] = relationship()
    is_alone: Mapped[bool] = mapped_column(default=False, server_default=sa.text("false"))

    def __init__(self, **given):
        given.setdefault("is_alone", given.get("of_id") is None)
        super().__init__(**given)

    __table_args__ = (CheckConstraint("is_alone = (of_id IS NULL)"),)


class Other(Base):
    __tablename__ = "others"

    id: Mapped[int] = mapped_column(primary_key=True)
"""
    )
    assert "3 passed" in checked(python, project, models)
    write(python, project)
    written = (project / "tests" / "factories.py").read_text(encoding="utf-8")
    assert "    of = SubFactory(OtherFactory)\n    is_alone = False\n" in written


CONSTRUCTORS = """

class Asks(Base):
    __tablename__ = "asks"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __init__(self, session=None, **values):
        if session is None:
            raise ValueError("a session is required")
        super().__init__(**values)


class Child(Base):
    __tablename__ = "children"

    id: Mapped[int] = mapped_column(primary_key=True)
    asks_id: Mapped[int] = mapped_column(ForeignKey("asks.id"))
    asks: Mapped[Asks] = relationship()


class Swallows(Base):
    __tablename__ = "swallows"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    rating: Mapped[int]

    def __init__(self, name, **_):
        self.name = name.upper()


class Judges(Base):
    __tablename__ = "judges"

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]

    def __init__(self, **values):
        if values["price"] < 0:
            raise ValueError("a price is not negative")
        super().__init__(**values)
"""
USES_CONSTRUCTORS = """
import pytest
from test_harness.factories.base import factory_for
from shop import Asks, Judges, Swallows


def test_used(db):
    assert factory_for(Asks).create(name="Ada").name == "Ada"
    bird = factory_for(Swallows).create(name="Ada", rating=7)
    assert (bird.name, bird.rating) == ("ADA", 7)
    with pytest.raises(ValueError, match="a price is not negative"):
        factory_for(Judges).build(price=-1)
"""


def test_a_constructor_is_left_out_only_where_no_row_gets_through_it(
    python: Path, project: Path
) -> None:
    assert "5 passed" in checked(python, project, CONSTRUCTORS)
    build_tree(project / "tests", {"test_used.py": USES_CONSTRUCTORS})
    run(python, "-m", "pytest", "-q", "tests/test_used.py", cwd=project)
    (project / "tests" / "test_used.py").unlink()


OF_WHO_LOGS_IN = """

class Household(Base):
    __tablename__ = "households"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str | None]
    note: Mapped[str | None]


class Person(Base):
    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    full_name: Mapped[str | None]
    bio: Mapped[str | None]
    is_email_verified: Mapped[bool] = mapped_column(default=False)
    two_factor_enabled: Mapped[bool] = mapped_column(default=False)
    otp_verified: Mapped[bool] = mapped_column(default=False)
    notifications_enabled: Mapped[bool] = mapped_column(default=False)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("households.id"))
    household: Mapped[Household] = relationship(foreign_keys=[household_id])
    former_id: Mapped[int | None] = mapped_column(ForeignKey("households.id"))
    former: Mapped[Household | None] = relationship(foreign_keys=[former_id])
    boss_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    boss: Mapped["Person"] = relationship(remote_side=[id])
"""


@pytest.mark.parametrize(
    ("user", "declared"),
    [("", [[], []]), ("shop:Person", [["slug"], ["household", "full_name", "is_email_verified"]])],
    ids=["nobody", "somebody"],
)
def test_who_logs_in_has_what_applications_count_on(
    python: Path, project: Path, user: str, declared: list[list[str]]
) -> None:
    (project / "shop.py").write_text(HEAD + OF_WHO_LOGS_IN, encoding="utf-8")
    run(
        python, "-m", "pytest", "-qq", "-s", "--write-factories",
        cwd=project,
        TEST_HARNESS_AUTH_USER_MODEL=user,
    )  # fmt: skip
    written = (project / "tests" / "factories.py").read_text(encoding="utf-8")
    found = [
        sorted(re.findall(r"^    (\w+) = ", part, re.MULTILINE))
        for part in written.split("\nclass ")[1:]
    ]
    assert found == [sorted(names) for names in declared]


HASHES = """

def hashed(password):
    return f"hash of {password}"


class Person(Base):
    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    password: Mapped[str]
"""
BY_A_LISTENER = """

@sa.event.listens_for(Person, "init")
def hash_what_is_given(target, args, kwargs):
    if "password" in kwargs:
        kwargs["password"] = hashed(kwargs["password"])
"""
BY_A_VALIDATOR = """
    @sa.orm.validates("password")
    def hash_what_is_given(self, key, value):
        return hashed(value)
"""
USES_HASHES = """
from test_harness.factories.base import factory_for
from shop import Person


def test_stored(db):
    made = factory_for(Person).create()
    db.refresh(made)
    assert made.password == "hash of Correct-Horse-7-Battery!"
    assert factory_for(Person).build(password="other").password == "hash of other"
"""


@pytest.mark.parametrize("hashes", [BY_A_LISTENER, BY_A_VALIDATOR], ids=["listener", "validator"])
def test_a_model_that_hashes_by_itself_hashes_no_hash(
    python: Path, project: Path, hashes: str
) -> None:
    (project / "shop.py").write_text(HEAD + HASHES + hashes, encoding="utf-8")
    build_tree(project / "tests", {"test_used.py": USES_HASHES})
    auth = {
        "USER_MODEL": "shop:Person",
        "USER_PASSWORD_ATTRIBUTE": "password",
        "PASSWORD_HASHER": "shop:hashed",
    }
    variables = {f"TEST_HARNESS_AUTH_{name}": value for name, value in auth.items()}
    run(python, "-m", "pytest", "-q", "tests/test_used.py", cwd=project, check=True, **variables)
    (project / "tests" / "test_used.py").unlink()


OF_A_TYPE = """
from uuid import uuid4


class TextOfUuid(sa.types.TypeDecorator):
    impl = sa.CHAR(36)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else str(value)

    def process_result_value(self, value, dialect):
        return value


class Thing(Base):
    __tablename__ = "things"

    id: Mapped[str] = mapped_column(TextOfUuid, primary_key=True, default=uuid4)


class Other(Base):
    __tablename__ = "others"

    id: Mapped[str] = mapped_column(TextOfUuid, primary_key=True, default=lambda: str(uuid4()))
"""
USES_TYPES = """
from test_harness.factories.defaults import refused_default
from shop import Other, Thing

SAID = "Can't match sentinel values in result set to parameter sets"


def test_told(db):
    told = refused_default(Thing, SAID)
    assert told.problem.startswith("The default of Thing.id is a UUID and is read as a str, ")
    assert refused_default(Thing, "no") is None
    assert refused_default(Other, SAID) is None
"""


def test_a_default_that_is_read_as_something_else_is_named(python: Path, project: Path) -> None:
    (project / "shop.py").write_text(HEAD + OF_A_TYPE, encoding="utf-8")
    build_tree(project / "tests", {"test_used.py": USES_TYPES})
    run(python, "-m", "pytest", "-q", "tests/test_used.py", cwd=project)
    (project / "tests" / "test_used.py").unlink()


def test_a_view_is_named_and_left_out(python: Path, project: Path) -> None:
    models = THING + VIEW
    factories = (
        "from test_harness.factories.base import ModelFactory\nimport shop\n\n\n"
        "class ThingFactory(ModelFactory):\n    class Meta:\n        model = shop.Thing\n\n\n"
        "class NamedFactory(ModelFactory):\n    class Meta:\n        model = shop.Named\n"
    )
    printed = checked(python, project, models)
    assert "Named is mapped to a view, in which nothing is saved: " in printed
    assert "Fix: Write `abstract = True` into `class Meta` of NamedFactory" in printed
    (project / "tests" / "factories.py").write_text(factories + "        abstract = True\n")
    assert "2 passed" in contract(python, project)


def test_two_classes_of_one_name_have_factories_of_two_names(python: Path, project: Path) -> None:
    build_tree(
        project,
        {
            "other_shop.py": "from sqlalchemy.orm import Mapped, mapped_column\n"
            "from shop_base import Base\n\n\nclass Thing(Base):\n"
            '    __tablename__ = "other_things"\n\n'
            "    id: Mapped[int] = mapped_column(primary_key=True)\n"
            "    name: Mapped[str]\n",
            "shop_base.py": HEAD,
        },
    )
    models = "from shop_base import *\nimport other_shop\n" + THING
    assert "3 passed" in checked(python, project, models, head="")
    printed = write(python, project)
    assert "Wrote tests/factories/other_shop.py: OtherShopThingFactory." in printed
    assert "Wrote tests/factories/shop.py: ShopThingFactory." in printed
    assert "3 passed" in contract(python, project)


def test_a_unique_column_of_few_values_says_so_when_they_are_used_up(
    python: Path, project: Path
) -> None:
    models = (
        THING
        + """
    is_main: Mapped[bool] = mapped_column(unique=True)
"""
    )
    assert "2 passed" in checked(python, project, models)
    build_tree(
        project / "tests",
        {
            "test_few.py": "from shop import Thing\nfrom test_harness import factory_for\n\n\n"
            "def test_few(db):\n    factory_for(Thing).create_batch(3)\n"
        },
    )

    done = run(python, "-m", "pytest", "-q", "tests/test_few.py", cwd=project, check=False)
    assert (
        "Thing.is_main is unique and has 2 values, so ThingFactory makes no more rows."
        in done.stdout
    )
    assert "Fix: Give is_main in the test, or share one row" in done.stdout
    (project / "tests" / "test_few.py").unlink()


# ------------------------------------------------------------------------------------- kept true


FACTORIES = """from factory import Sequence
from test_harness.factories.base import ModelFactory
from shop import Thing


class ThingFactory(ModelFactory):
    class Meta:
        model = Thing

    nmae = Sequence(lambda n: f"Mine {n}")
"""
NAMED = THING + "    name: Mapped[str]\n"
NEW = """

class Added(Base):
    __tablename__ = "added"

    id: Mapped[int] = mapped_column(primary_key=True)
    thing_id: Mapped[int] = mapped_column(ForeignKey("things.id"))
    thing: Mapped[Thing] = relationship()
"""


def test_a_field_that_is_gone_is_an_error_before_any_test(python: Path, project: Path) -> None:
    (project / "tests" / "factories.py").write_text(FACTORIES)
    printed = checked(python, project, NAMED)
    assert "ThingFactory declares `nmae`, which Thing does not have." in printed
    assert "Fix: Rename it to `name`, or delete the line in factories.py." in printed
    assert "1 error" in printed


def test_a_class_without_a_factory_is_an_error_before_any_test(python: Path, project: Path) -> None:
    (project / "tests" / "factories.py").write_text(FACTORIES.replace("nmae", "name"))
    printed = checked(python, project, NAMED + NEW)
    assert "There is no factory for shop:Added." in printed
    assert "write `class AddedFactory(ModelFactory):` with `class Meta: model = Added`" in printed


def test_a_factory_that_a_fixture_hands_out_has_to_be_there(python: Path, project: Path) -> None:
    (project / "tests" / "factories.py").write_text(FACTORIES.replace("nmae", "name"))
    fixture = build_tree(
        project / "tests",
        {
            "test_fixture.py": "import pytest\n\n\n@pytest.fixture\ndef thing():\n"
            "    from factories import ThingsFactory\n\n    return ThingsFactory\n"
        },
    )
    printed = checked(python, project, NAMED)
    (fixture / "test_fixture.py").unlink()
    assert "test_fixture.py:6 hands out ThingsFactory, which `factories` does not have." in printed
    assert "Fix: Write ThingFactory instead" in printed


def test_new_models_are_added_and_no_line_of_the_user_is_changed(
    python: Path, project: Path
) -> None:
    file = project / "tests" / "factories.py"
    mine = FACTORIES.replace("nmae", "name")
    file.write_text(mine)
    (project / "shop.py").write_text(HEAD + NAMED + "    price: Mapped[int]\n" + NEW)
    printed = write(python, project)
    assert "Wrote tests/factories.py: AddedFactory." in printed
    assert "+++ as the models are now" in printed
    assert "+    price = 1" in printed
    lines = file.read_text().splitlines()
    kept = iter(lines)
    assert all(line in kept for line in mine.splitlines())
    assert "    thing = SubFactory(ThingFactory)" in lines
    assert "3 passed" in contract(python, project)
