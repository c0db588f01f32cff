"""What tests draw by chance."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from test_harness.suite.lint.finding import File, Found, Rule
from test_harness.suite.reading.names import full_name, value_of
from test_harness.suite.reading.scopes import Called, Module

CHANCE = Rule(
    "TH404",
    "unseeded-random",
    "`{}` gives other values in each run, and nothing seeds it: a failure cannot be replayed.",
    "Write the value down, or seed it: `random.Random(1)`, an autouse fixture with `random.seed`.",
)
DRAWS = {
    "random", "randint", "randrange", "choice", "choices", "shuffle", "sample", "uniform", "gauss",
    "getrandbits", "rand", "randn", "normal", "permutation",
}  # fmt: skip
# The system's own chance, which nothing seeds.
OF_THE_SYSTEM = {"secrets.choice", "secrets.randbelow", "secrets.randbits"}
SYSTEMS = {"random.SystemRandom", "secrets.SystemRandom"}
MADE = ("Random", "default_rng", "RandomState")
GENERATORS = {"random.Random", "numpy.random.default_rng", "numpy.random.RandomState"}


def drawn(file: File) -> Iterator[Found]:
    """Yield each value of a file that is drawn by chance, where nothing seeds it."""
    module = file.module
    if not any(name.startswith(("random", "numpy", "secrets")) for name in module.imports.values()):
        return
    is_seeded = file.configuration.has_harness or any(True for _ in module.called("seed"))
    for called in module.called(*DRAWS, "randbelow", "randbits", *MADE):
        case = file.case_at(called.place)
        if case is None or case.is_left_out:
            continue
        name = full_name(called.node.func, module)
        if name in OF_THE_SYSTEM or _is_of_the_system(called, module):
            name = f"random.{name}"
        elif is_seeded:
            continue
        if name in GENERATORS:
            if called.node.args or called.node.keywords:
                continue
        elif not name.startswith(("random.", "numpy.random.")):
            continue
        if not _only_makes_unique(called):
            yield Found(CHANCE, called.node, ast.unparse(called.node.func), case)


def _is_of_the_system(called: Called, module: Module) -> bool:
    """Tell whether a value is drawn from `random.SystemRandom()`."""
    receiver = getattr(called.node.func, "value", None)
    made = value_of(receiver.id, called.place.scope) if isinstance(receiver, ast.Name) else receiver
    return isinstance(made, ast.Call) and full_name(made.func, module) in SYSTEMS


def _only_makes_unique(called: Called) -> bool:
    """Tell whether the value is only a part of a text, to make a name that nobody has."""
    joined = (one.node for one in called.place.scope.calls if one.name == "join")
    if any(part is called.node for call in joined for part in ast.walk(call)):
        return True
    return any(
        isinstance(part, ast.FormattedValue) and any(one is called.node for one in ast.walk(part))
        for statement in ast.walk(called.place.scope.node)
        if isinstance(statement, ast.JoinedStr)
        for part in statement.values
    )
