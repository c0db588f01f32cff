"""Everything in the zoo that fits the engine it is kept on."""

import importlib
import os

from zoo.base import Base

for name in (
    "checks", "columns", "constructors", "decorators", "inheritance", "keys", "parents",
    "sqlmodels", "tenants", "uniques", os.environ["ZOO_ENGINE"],
):  # fmt: skip
    importlib.import_module(f"zoo.models.{name}")

__all__ = ["Base"]
