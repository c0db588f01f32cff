"""Faults in factories and models: the check of factories has to name the model and the column."""

from __future__ import annotations

from tools.fault import Fault

CHECK = "tests/checks/test_factories_{mode}.py"
SAVED = "test_rows_are_saved_and_read_back"

FACTORY_FAULTS = [
    *(
        Fault(
            "factories",
            what,
            cell,
            f"tests/factories/{file}.py",
            old,
            new,
            f"{CHECK.format(mode=cell.split('-')[1])}::{SAVED}[{model}]",
            f"is refused because of {model}.{column}: ",
        )
        for cell in ("fastapi-async-sqlite", "fastapi-sync-postgresql", "fastapi-sync-mysql")
        for what, file, old, new, model, column in (
            (
                "a column that may not be empty is",
                "organisation",
                'name = Sequence(lambda n: f"Organisation {n}")',
                "name = None",
                "Organisation",
                "name",
            ),
            (
                "a value breaks a CHECK",
                "item",
                "price_cents = 1000",
                "price_cents = -1",
                "Item",
                "price_cents",
            ),
            (
                "a unique value comes twice",
                "user",
                'email = Sequence(lambda n: f"user{n}@example.com")',
                'email = "same@example.com"',
                "User",
                "email",
            ),
        )
    ),
    Fault(
        "factories",
        "a column is renamed",
        "fastapi-async-sqlite",
        "app/models/item.py",
        "    name: Mapped[str] = mapped_column(String(100))\n",
        '    title: Mapped[str] = mapped_column("name", String(100))\n',
        CHECK.format(mode="async"),
        "ItemFactory declares `name`, which Item does not have.",
    ),
    Fault(
        "factories",
        "a model has no factory",
        "fastapi-async-sqlite",
        "tests/factories/__init__.py",
        "from factories.item import ItemFactory as ItemFactory\n",
        "",
        CHECK.format(mode="async"),
        "There is no factory for app.models.item:Item.",
    ),
    Fault(
        "factories",
        "a value is kept otherwise than it was given",
        "fastapi-async-sqlite",
        "app/models/base.py",
        "            return value.replace(tzinfo=timezone.utc)\n",
        "            return value.replace(year=2000, tzinfo=timezone.utc)\n",
        f"{CHECK.format(mode='async')}::{SAVED}[RefreshSession]",
        "RefreshSession.created_at was saved as",
    ),
]
