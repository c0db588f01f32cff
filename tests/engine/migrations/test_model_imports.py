"""A revision that reaches the models is told from one that takes something else there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from test_harness.migrations.model_imports import leading_to_models, packages

MODULES = {
    "shopapp": "",
    "shopapp.models": """
import enum
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase): pass
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
class Money(sa.types.TypeDecorator):
    impl = sa.Integer
class State(enum.Enum):
    open = "open"
LIMIT = 3
users = User.__table__
""",
    "shopapp.repositories": """
from shopapp.models import User
class Users:
    def all(self): return [it for it in (User,)]
class Admins(Users): pass
class Orders:
    model = User
class Nothing:
    def all(self): return []
def first_user(session): return session.get(User, 1)
def slug(text): return text.lower()
""",
    "shopapp.services": "from shopapp import repositories",
    "tools": "from shopapp import models",
    "plain": "LIMIT = 3",
}
LEADING = {
    "from shopapp.models import User": "shopapp.models.User",
    "from shopapp.models import LIMIT, users": "shopapp.models.users",
    "from shopapp.models import *": "shopapp.models.*",
    "from shopapp.models import Base": "shopapp.models.Base",
    "from shopapp import models": "shopapp.models",
    "import shopapp.models\nshopapp.models.User.__table__": "shopapp.models",
    "import shopapp.models as m\nm.Base.metadata.create_all(None)": "shopapp.models",
    "import shopapp.models": "shopapp.models",
    "import importlib\nm = importlib.import_module('shopapp.models')": "shopapp.models",
    "from importlib import import_module\nimport_module('shopapp.models').User": "shopapp.models",
    "m = __import__('shopapp.models')": "shopapp.models",
    "from shopapp.repositories import Users": "shopapp.repositories.Users",
    "from shopapp.repositories import Admins": "shopapp.repositories.Admins",
    "from shopapp.repositories import Orders": "shopapp.repositories.Orders",
    "from shopapp.repositories import first_user": "shopapp.repositories.first_user",
    "def upgrade():\n    from shopapp.models import User": "shopapp.models.User",
    "op.get_context().opts['target_metadata'].tables": "target_metadata",
    "from tools import models": "tools.models",
}
HARMLESS = [
    "from shopapp.models import Money",
    "from shopapp.models import State, LIMIT",
    "import shopapp.models\nshopapp.models.Money()",
    "import shopapp.models as m\nm.Money()",
    "from shopapp.repositories import slug, Nothing",
    "from plain import *",
    "import importlib\nimportlib.import_module('plain')",
    "import shopapp",
    "from nowhere import *",
]


@pytest.fixture(scope="module")
def metadata() -> Iterator[object]:
    with pytest.MonkeyPatch.context() as patch:
        for name, text in MODULES.items():
            module = ModuleType(name)
            patch.setitem(sys.modules, name, module)
            package, _, short = name.rpartition(".")
            if package:
                setattr(sys.modules[package], short, module)
            exec(compile(text, name, "exec"), vars(module))  # noqa: S102 - modules of this test
        yield sys.modules["shopapp.models"].Base.metadata
        sys.modules["shopapp.models"].Base.registry.dispose()


@pytest.mark.parametrize("text", LEADING)
def test_what_leads_to_models_is_named(metadata: object, text: str) -> None:
    assert leading_to_models(text, metadata) == LEADING[text]  # type: ignore[arg-type]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_leads_to_none_is_left_alone(metadata: object, text: str) -> None:
    assert leading_to_models(text, metadata) == ""  # type: ignore[arg-type]


def test_packages_that_only_hold_a_module_with_models_count(metadata: object) -> None:
    found = packages(metadata)  # type: ignore[arg-type]
    assert {"shopapp", "tools"} <= found
    assert "plain" not in found
