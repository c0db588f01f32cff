"""Folders that are not read, by what they hold and not by what they are called alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .distance import aside

# No module of an application can be imported from these.
NEVER = frozenset([
    "__pycache__", "__pypackages__", "bower_components", "htmlcov", "node_modules", "site-packages",
])  # fmt: skip
# What others wrote or what a tool made lies in these; or a part of the application, which may call
# its packages whatever it wants.
DOUBTFUL = frozenset([
    "build", "dist", "eggs", "env", "third_party", "thirdparty", "vendor", "vendored", "_vendor",
    "venv", "virtualenv",
])  # fmt: skip
ENVIRONMENT = "an environment"
NOT_IMPORTED = "nothing imports it"
_OF_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")
_IMPORT = re.compile(
    rb"^[ \t]*from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n;#]*)"
    rb"|^[ \t]*import[ \t]+([\w., \t]+)", re.M
)  # fmt: skip
_NAMED = re.compile(rb"[\"']([A-Za-z_]\w*(?:\.\w+)+)(?::[\w.]+)?[\"']")
_FINDS_FILES = (b"pkgutil", b"import_module", b"iter_modules", b"find_modules", b"__import__")


@dataclass(frozen=True)
class LeftOut:
    """A folder that is not read.

    Attributes:
        folder: Its path.
        why: In a few words.
        files: How many Python files are in it; 0 where nobody counted.
    """

    folder: str
    why: str
    files: int = 0


def is_environment(names: Iterable[str]) -> bool:
    """Say whether a folder with these entries has an interpreter of its own."""
    return any(name in _OF_ENVIRONMENTS for name in names)


def imported(
    folder: str,
    files: Iterable[str],
    modules: Iterable[str],
    read: Callable[[str], bytes],
    package: str,
) -> bool:
    """Say whether one of some modules imports what lies in a folder.

    Args:
        folder: Its path.
        files: The paths of the files in it.
        modules: The paths of those that are known to be the application's.
        read: What returns the bytes of a file.
        package: What the root is called, where it is a package itself.
    """
    above, _, name = folder.rpartition("/")
    # By what is there to be imported: `import build` is of a package where `build/` has none.
    inside = {path[len(folder) + 1 :] for path in files if path.endswith(".py")}
    known = {path.partition("/")[0].removesuffix(".py") for path in inside}
    is_package = any("/" not in path for path in inside)
    if not inside:
        return False
    word = re.compile(rb"\b" + re.escape(name.encode()) + rb"\b")
    for path in modules:
        if aside(path) > 1:
            continue
        data = read(path)
        # What looks for modules by their files finds those of its own folder.
        beside = is_package and above and path.rpartition("/")[0] == above
        if beside and any(one in data for one in _FINDS_FILES):
            return True
        if not word.search(data):
            continue
        for target, exact in _targets(path, data):
            found = _below(folder, target, package, exact=exact)
            if found is not None and (found in known if found else is_package):
                return True
    return False


def _targets(path: str, data: bytes) -> Iterable[tuple[str, bool]]:
    """Yield what a module imports, as paths, each with whether it is one from the root."""
    for base, names, plain in _IMPORT.findall(data):
        if plain:
            parts = [part.split()[0].decode() for part in plain.split(b",") if part.split()]
            yield from ((part.replace(".", "/"), False) for part in parts)
            continue
        text = base.decode()
        below = text.lstrip(".")
        parents = path.split("/")[: -(len(text) - len(below)) or None]
        relative = len(text) > len(below)
        start = "/".join([*(parents if relative else ()), *filter(None, below.split("."))])
        yield start, relative
        for name in re.findall(r"(\w+)(?:\s+as\s+\w+)?", names.decode("utf-8", "replace")):
            yield f"{start}/{name}" if start else name, relative
    for name in _NAMED.findall(data):
        yield name.decode().replace(".", "/"), False


def _below(folder: str, target: str, package: str, *, exact: bool) -> str | None:
    """Return what an import takes out of a folder, empty for itself; None for one of another."""
    name = folder.rpartition("/")[2]
    parts = target.split("/")
    for end in (i + 1 for i, part in enumerate(parts) if part == name):
        whole = "/".join(parts[:end])
        # Imports start from any folder above, and the root itself may be the package.
        loosely = f"/{folder}".endswith(f"/{whole}") or whole == f"{package}/{folder}"
        if whole == folder or (loosely and not exact):
            return parts[end] if end < len(parts) else ""
    return None
