"""The application under test: imported once, by the path in harness.toml."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import importlib
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from test_harness.errors import ApplicationError
from test_harness.limits.clock import Limit, clock
from test_harness.lock import services
from test_harness.lock.callers import place_of
from test_harness.project import project_dir
from test_harness.settings import settings

# What code meets that was written for an older or a newer package.
_OF_ANOTHER_VERSION = re.compile(
    r"^cannot import name|unexpected keyword argument|abstract class|has been (re)?moved"
    r"|^module '[\w.]+' has no attribute"
)

_called: list[str] = []


def being_made(path: str) -> bool:
    """Tell whether `module:factory` is called, or its module imported, at this moment."""
    module = sys.modules.get(path.partition(":")[0])
    return path in _called or getattr(getattr(module, "__spec__", None), "_initializing", False)


@cache
def application() -> Any:
    """Import the application, or call its factory, once; None where there is no web framework.

    Raises:
        ApplicationError: It cannot be imported, or is no application.
    """
    path = settings().application.import_path
    if not path:
        return None
    with in_project_folder():
        _called.append(path)
        try:
            found = import_object(path)
        finally:
            _called.remove(path)
    if not callable(found):
        raise ApplicationError(
            f"{path} is a {type(found).__name__}, not an application.",
            "Correct [application] import_path in harness.toml.",
        )
    return found


def is_loaded() -> bool:
    """Tell whether the application has been imported."""
    return bool(application.cache_info().currsize)


def imported_application() -> Any:
    """Return the application if it is there, whoever has imported it; None where it is not."""
    if is_loaded():
        return application()
    module, _, name = settings().application.import_path.partition(":")
    return getattr(sys.modules.get(module), name, None) if name else None


def surroundings() -> contextlib.AbstractContextManager[Any]:
    """Have around code of the application what it has around it in a request: Flask's context."""
    if settings().application.framework != "flask" or import_object("flask:has_app_context")():
        return contextlib.nullcontext()
    context: contextlib.AbstractContextManager[Any] = application().app_context()
    return context


@contextlib.contextmanager
def in_project_folder() -> Iterator[None]:
    """Work in the project's folder, which relative paths in alembic.ini and settings start from."""
    # Each phase of each test comes here, so that no path is made of the folder.
    before = os.getcwd()  # noqa: PTH109
    os.chdir(project_dir())
    try:
        yield
    finally:
        os.chdir(before)


def import_object(path: str) -> Any:
    """Return what `module:name` names: `module:name.attribute`, `module:name('x', y=1).attribute`.

    An argument may be a class that is named in full: `module:name(other.module.Class)`, or what a
    table has of them: `module:name(other.module.table['key'])`.

    Raises:
        ApplicationError: This is no path, the module does not import or has no such name, or a
            call fails.
    """
    module, _, expression = path.partition(":")
    try:
        named = ast.parse(expression, mode="eval").body
    except SyntaxError:
        raise ApplicationError(
            f"{path!r} is no import path.", "Write it as 'module:name' in harness.toml."
        ) from None
    limit = Limit(
        f"The import of {path}",
        clock.seconds.start,
        "Have it done later or switch it off in test.env, or raise [limits] start in harness.toml.",
        ends_run=True,
    )
    with clock.within(limit):
        return _value(named, _import_module(module, path), path)


def _value(node: ast.expr, module: Any, path: str) -> Any:
    if isinstance(node, ast.Call):
        called = _value(node.func, module, path)
        try:
            words = {word.arg or "": _argument(word.value) for word in node.keywords}
            given = [*map(_argument, node.args)]
            return _as_a_server_does(lambda: called(*given, **words))
        except ModuleNotFoundError as error:
            raise ApplicationError(
                f"{path} needs the package {error.name!r}, which is not installed.",
                "Install the application's own requirements into this environment.",
            ) from error
        except Exception as error:
            raise ApplicationError(
                f"{path} failed: {_said(error)}{place_of(error)}",
                "Mend the factory or its settings.",
            ) from error
    assert isinstance(node, (ast.Name, ast.Attribute)), path
    name = node.id if isinstance(node, ast.Name) else node.attr
    holder = module if isinstance(node, ast.Name) else _value(node.value, module, path)
    if not hasattr(holder, name):
        raise ApplicationError(
            f"{path.partition(':')[0]} has no {name!r}, which {path!r} asks for.",
            "Correct the import path in harness.toml.",
        )
    return getattr(holder, name)


def _argument(node: ast.expr) -> Any:
    if isinstance(node, ast.Call):
        return _argument(node.func)(*map(_argument, node.args))
    if isinstance(node, ast.Subscript):
        return _argument(node.value)[ast.literal_eval(node.slice)]
    if isinstance(node, ast.Attribute):
        module, _, name = ast.unparse(node).rpartition(".")
        return getattr(importlib.import_module(module), name)
    return ast.literal_eval(node)


def _import_module(name: str, path: str) -> Any:
    try:
        return _as_a_server_does(lambda: importlib.import_module(name))
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
    except SystemExit as error:
        raise ApplicationError(
            f"{name} ended the process while it was imported (exit status {error.code})"
            f"{place_of(error)}.",
            "Read what it printed, and give the settings it wants in test.env.",
        ) from None
    except Exception as error:
        missing = _missing_variables(error)
        if missing:
            raise ApplicationError(
                f"{name} needs settings that are not there: {', '.join(missing)}.",
                "Give each a value that is safe in tests in test.env.",
            ) from error
        raise ApplicationError(
            f"{name} cannot be imported: {_said(error)}{place_of(error)}", _fix_of(error)
        ) from error


def _fix_of(error: Exception) -> str:
    if offer := services.offered(services.double_of_error(error)):
        return f"{offer}."
    if isinstance(error.__cause__, ModuleNotFoundError):
        return (
            f"Install {error.__cause__.name!r} and name it in the application's own requirements, "
            "or correct what imports it."
        )
    if _OF_ANOTHER_VERSION.search(str(error)):
        return "Mend the line, or install the versions of its packages that it was written for."
    return "Mend the module, or give the variables it needs in test.env."


def _as_a_server_does(make: Callable[[], Any]) -> Any:
    """Return what a function makes, in an event loop where it asks for one.

    Servers of ASGI import the application within theirs. What was begun there ends with it.
    """
    try:
        return make()
    except RuntimeError as error:
        if "no running event loop" not in str(error) or settings().application.framework == "flask":
            raise
        with warnings.catch_warnings():
            # What it was about to begin is given up.
            warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
            error.__traceback__ = None

    async def made() -> Any:
        return make()

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(made())
    finally:
        begun = asyncio.all_tasks(loop)
        for task in begun:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*begun, return_exceptions=True))
        loop.close()


def _said(error: BaseException) -> str:
    """Return what an error says, and what the one says that it was raised from."""
    text = f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}"
    return f"{text} (from {_said(error.__cause__)})" if error.__cause__ else text


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
