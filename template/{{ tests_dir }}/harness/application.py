"""The application under test: imported once, by the path in harness.toml."""

from __future__ import annotations

import importlib
from typing import Any

from harness.errors import ApplicationError


def import_object(path: str) -> Any:
    """Return what `module:name` names; `module:name()` is called without arguments.

    Raises:
        ApplicationError: The module does not import, has no such name, or the call fails.
    """
    module_name, _, name = path.partition(":")
    module = _import_module(module_name, path)
    target: Any = module
    for attribute in name.removesuffix("()").split("."):
        if not hasattr(target, attribute):
            raise ApplicationError(
                f"{module_name} has no {attribute!r}, which {path!r} asks for.",
                "Correct the import path in harness.toml.",
            )
        target = getattr(target, attribute)
    if not name.endswith("()"):
        return target
    try:
        return target()
    except Exception as error:
        raise ApplicationError(
            f"{path} failed: {type(error).__name__}: {error}", "Mend the factory or its settings."
        ) from error


def _import_module(name: str, path: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and name.startswith(error.name):
            raise ApplicationError(
                f"There is no module {error.name!r}, which {path!r} asks for.",
                "Correct the import path in harness.toml, or add the folder that holds it to "
                "`pythonpath` in pytest.ini.",
            ) from error
        raise ApplicationError(
            f"{name} needs the package {error.name!r}, which is not installed.",
            "Install the application's own requirements into this environment.",
        ) from error
    except Exception as error:
        missing = _missing_variables(error)
        if missing:
            raise ApplicationError(
                f"{name} needs settings that are not there: {', '.join(missing)}.",
                "Give each a value that is safe in tests in test.env.",
            ) from error
        raise ApplicationError(
            f"{name} cannot be imported: {type(error).__name__}: {error}",
            "Mend the module, or give the variables it needs in test.env.",
        ) from error


def _missing_variables(error: Exception) -> list[str]:
    """Return the variables that an import asked for, from pydantic's and os.environ's errors."""
    if isinstance(error, KeyError) and error.args and str(error.args[0]).isupper():
        return [str(error.args[0])]
    details = getattr(error, "errors", None)
    if not callable(details):
        return []
    return [
        str(entry["loc"][0]).upper()
        for entry in details()
        if entry.get("type") == "missing" and entry.get("loc")
    ]
