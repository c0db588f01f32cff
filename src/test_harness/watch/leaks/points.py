"""State that lies in objects: found once, and compared in one go after each test.

A point is a dictionary, a list or a set that something can be put into: a container of the project,
or the names of a module, a class or an object. Each is kept beside a shallow copy, and all of them
are compared by Python's own `==` of lists, which asks for identity first. What lies deeper is a
point of its own.
"""

from __future__ import annotations

import functools
import inspect
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from types import CellType, FunctionType, MappingProxyType, MethodType, ModuleType, SimpleNamespace
from typing import Any

from test_harness.watch.leaks.kept import Cached, Counted, Kept, Sized
from test_harness.watch.leaks.kind import UNSET, Change, is_same, masked, said

NAMESPACES = (dict, MappingProxyType)
CONTAINERS = (dict, list, set, deque, bytearray)
DEEPEST = 3
# How many things in a container are looked into, and how many are compared.
LONGEST = 200
MOST = 2000
SHOWN = 3
# From so many tests in a namespace on, its other names are compared by themselves.
MANY_TESTS = 10
# Objects of libraries that hold nothing but what they are given.
OPEN_KINDS = {
    "types.SimpleNamespace",
    "argparse.Namespace",
    "queue.Queue",
    "queue.SimpleQueue",
    "asyncio.queues.Queue",
    "collections.UserDict",
    "collections.UserList",
    "starlette.datastructures.State",
    "threading.local",
}


@dataclass(eq=False)
class Point:
    """One place where something can be put.

    Args:
        name: What the project calls it.
        holder: What has it: a module, a class, an object, or itself where it is a container.
        live: The dictionary, list or set.
    """

    name: str
    holder: Any
    live: Any

    @property
    def is_namespace(self) -> bool:
        """Whether its keys are names of attributes."""
        return self.holder is not self.live and isinstance(self.live, NAMESPACES)

    def copy(self) -> Any:
        """Return what is in it."""
        if isinstance(self.live, (Cached, Counted, Sized)):
            return Kept(self.live.value())
        kind = next(kind for kind in (*NAMESPACES, *CONTAINERS) if isinstance(self.live, kind))
        return dict(self.live) if kind in NAMESPACES else kind(self.live)

    def differs(self, copy: Any) -> bool:
        """Tell whether something else is in it than in a copy."""
        try:
            return bool(self.live != copy)
        except Exception:  # noqa: BLE001 - what is compared is the project's
            return True


class Points:
    """The points that are reached from some objects.

    Args:
        roots: Returns the objects by their names.
        is_own: Tells of the name of a module whether its classes are looked into.
    """

    def __init__(
        self, roots: Callable[[], Iterable[tuple[str, Any]]], is_own: Callable[[str], bool]
    ) -> None:
        self._roots, self._is_own = roots, is_own
        self._points: list[Point] = []
        self._copies: list[Any] = []
        self._live: list[Any] = []
        self._live_copies: list[Any] = []
        self._namespaces: list[Mapping[str, Any]] = []
        self._namespace_values: list[list[Any]] = []
        self._beside_tests: list[tuple[Callable[[Any], Any], Any]] = []
        self._values: list[Any] = []

    def collect(self) -> None:
        """Find them anew, and copy what is in them."""
        self._points = [*_Walk(self._is_own).through(self._roots())]
        self._copies = [point.copy() for point in self._points]
        self._live, self._live_copies = [], []
        self._namespaces, self._namespace_values = [], []
        self._beside_tests, self._values = [], []
        for point, copy in zip(self._points, self._copies, strict=True):
            names = _names_beside_tests(copy) if point.is_namespace else []
            if names:
                get = itemgetter(*names)
                self._beside_tests.append((get, point.live))
                self._values.append((len(copy), get(copy)))
            elif point.is_namespace:
                self._namespaces.append(point.live)
                self._namespace_values.append([*copy.values()])
            else:
                self._live.append(point.live)
                self._live_copies.append(copy)

    def _are_the_same(self) -> bool:
        try:
            now = [(len(it), get(it)) for get, it in self._beside_tests]
        except KeyError:
            return False
        # Of a namespace the values are enough, which are compared in half of the time.
        held = [[*it.values()] for it in self._namespaces]
        return (
            is_same(self._live, self._live_copies)
            and is_same(held, self._namespace_values)
            and is_same(now, self._values)
        )

    def changes(self) -> list[Change]:
        """Return what is another since `collect`."""
        if self._are_the_same():
            return []
        pairs = zip(self._points, self._copies, strict=True)
        return [it for point, copy in pairs if point.differs(copy) for it in _changes(point, copy)]


def _names_beside_tests(namespace: Mapping[str, Any]) -> list[str]:
    """Return what else there is where tests are written; nothing where those are few.

    Nobody puts something in the place of a test, and a suite has thousands of them.
    """
    tests = {
        name
        for name, value in namespace.items()
        if type(value) is FunctionType and name.startswith("test")
    }
    return [name for name in namespace if name not in tests] if len(tests) >= MANY_TESTS else []


def _changes(point: Point, copy: Any) -> Iterator[Change]:
    if isinstance(copy, Kept):
        held = (getattr(it, "__dict__", None) for it in (copy.value, point.live.value()))
        before, after = (it if isinstance(it, dict) else None for it in held)
        shown = _difference(before, after) if before and after else ""
        yield Change(point.name, copy.value, point.live.value(), about=point, shown=shown)
        return
    if not point.is_namespace:
        now = point.copy()
        shown = _difference(copy, now)
        yield Change(point.name, copy, now, about=point, shown=shown)
        return
    now = dict(point.live)
    for name in {**copy, **now}:
        before, after = copy.get(name, UNSET), now.get(name, UNSET)
        if not is_same(before, after):
            yield Change(f"{point.name}.{name}", before, after, about=point)


def _difference(before: Any, after: Any) -> str:
    if isinstance(before, Mapping):
        new = [f"{said(key)}: {masked(key, it)}" for key, it in after.items() if key not in before]
        gone = [said(key) for key in before if key not in after]
        other = [
            f"{said(key)}: {masked(key, it)} -> {masked(key, after[key])}"
            for key, it in before.items()
            if key in after and not is_same(it, after[key])
        ]
    else:
        new = [said(it) for it in _beside(after, before)]
        gone = [said(it) for it in _beside(before, after)]
        is_longer = len(before) != len(after)
        same_again = f"{len(before)} entries -> {len(after)}, all of them known ones"
        other = [same_again if is_longer else f"{said(before)} -> {said(after)}"]
        if new or gone:
            other = []
    parts = [("has gained", new), ("has lost", gone), ("is another at", other)]
    return "; ".join(f"{what} {', '.join(those[:SHOWN])}" for what, those in parts if those)


def _beside(values: Any, others: Any) -> list[Any]:
    """Return the first few of some values that are none of others."""
    known = {*map(id, others)}
    unknown = [it for it in values if id(it) not in known][:SHOWN]
    return [it for it in unknown if not any(is_same(it, one) for one in others)]


class _Walk:
    def __init__(self, is_own: Callable[[str], bool]) -> None:
        self._is_own = is_own
        self._seen: set[int] = set()

    def through(self, roots: Iterable[tuple[str, Any]]) -> Iterator[Point]:
        for name, root in roots:
            if isinstance(root, Point):
                yield root
                self._seen.add(id(root.live))
                inside = self._in_namespace if root.is_namespace else self._in_container
                yield from inside(name, root.live, 0)
            elif isinstance(root, ModuleType):
                yield Point(name, root, vars(root))
                for key, value in [*vars(root).items()]:
                    if not is_private(key):
                        yield from self._at(f"{name}:{key}", value, 0)
            else:
                yield from self._at(name, root, 0)

    def _at(self, name: str, value: Any, depth: int) -> Iterator[Point]:
        # Asked by its type: a proxy answers for what it stands for, where there is anything.
        kind = type(value)
        if id(value) in self._seen or depth > DEEPEST or kind in PLAIN:
            return
        self._seen.add(id(value))
        if issubclass(kind, CONTAINERS):
            yield Point(name, value, value if len(value) <= MOST else Sized(value))
            yield from self._in_container(name, value, depth)
            if self._is_own(kind.__module__) and hasattr(value, "__dict__"):
                yield from self._of_object(name, value, depth)
        elif issubclass(kind, type):
            if self._is_own(value.__module__) and kind.__name__ != "EnumType":
                yield Point(name, value, vars(value))
                yield from self._in_namespace(name, vars(value), depth)
        elif kind in FUNCTIONS:
            yield from self._of_function(name, value, depth)
        elif kind is LRU_CACHE:
            yield from self._of_cache(name, value, depth)
        elif kind.__name__ == "count" and kind.__module__ == "itertools":
            yield Point(name, value, Counted(value))
        elif self._is_own(kind.__module__) or _is_open(kind):
            yield from self._of_object(name, value, depth)

    def _of_object(self, name: str, value: Any, depth: int) -> Iterator[Point]:
        held = getattr(value, "__dict__", None)
        if type(held) is dict:
            yield Point(name, value, held)
            yield from self._in_namespace(name, held, depth)
        for slot in _slots(type(value)):
            yield from self._at(f"{name}.{slot}", getattr(value, slot, None), depth + 1)

    def _in_namespace(self, name: str, held: Mapping[str, Any], depth: int) -> Iterator[Point]:
        for key, value in [*held.items()]:
            if isinstance(key, str) and not is_private(key):
                yield from self._at(f"{name}.{key}", value, depth + 1)

    def _in_container(self, name: str, value: Any, depth: int) -> Iterator[Point]:
        if len(value) > LONGEST or isinstance(value, bytearray):
            return
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in [*pairs]:
            yield from self._at(f"{name}[{key!r}]", inner, depth + 1)

    def _of_function(self, name: str, value: Any, depth: int) -> Iterator[Point]:
        function = getattr(value, "__func__", value)
        if type(function) is not FunctionType or not self._is_own(function.__module__ or ""):
            return
        if function.__dict__:
            yield from self._in_namespace(name, function.__dict__, depth)
            yield Point(name, function, function.__dict__)
        if function.__defaults__ or function.__kwdefaults__:
            for it in inspect.signature(function, follow_wrapped=False).parameters.values():
                yield from self._at(f"{name}({it.name})", it.default, depth + 1)
        names = function.__code__.co_freevars
        for key, cell in zip(names, function.__closure__ or (), strict=True):
            yield from self._at(f"{name}<{key}>", _content_of(cell), depth + 1)

    def _of_cache(self, name: str, value: Any, depth: int) -> Iterator[Point]:
        code = getattr(value.__wrapped__, "__code__", None)
        takes = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
        if code is None or code.co_argcount or code.co_kwonlyargcount or code.co_flags & takes:
            return
        if not self._is_own(value.__module__ or ""):
            return
        cached = Cached(value)
        yield Point(f"{name}()", value, cached)
        yield from self._at(f"{name}()", cached.value(), depth + 1)


PLAIN = {type(None), bool, int, float, complex, str, bytes, tuple, frozenset, ModuleType}
FUNCTIONS = {FunctionType, staticmethod, classmethod, MethodType}
LRU_CACHE = functools._lru_cache_wrapper


def _content_of(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None  # It is empty yet.


def _is_open(kind: type) -> bool:
    return kind is SimpleNamespace or any(
        f"{base.__module__}.{base.__qualname__}" in OPEN_KINDS for base in kind.__mro__
    )


def _slots(kind: type) -> list[str]:
    found: list[str] = []
    for base in kind.__mro__:
        named = vars(base).get("__slots__", ())
        found += [named] if isinstance(named, str) else [*named]
    return [it for it in found if not it.startswith("__")]


def is_private(name: str) -> bool:
    """Tell whether a name is Python's or a library's business, and not the project's."""
    return name.startswith(("__", "_sa_", "_abc_", "@"))
