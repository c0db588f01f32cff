"""TH4: what is another thing in each run: waiting, the clock, the network, chance."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from test_harness.suite.lint.finding import File, Found, Rule
from test_harness.suite.lint.rules.chance import CHANCE, drawn
from test_harness.suite.reading.cases import Case, is_fixture
from test_harness.suite.reading.names import (
    constant,
    dotted,
    full_name,
    keyword,
    made_here,
    value_of,
)
from test_harness.suite.reading.scopes import Called, Scope

SLEEP = Rule(
    "TH401",
    "sleep",
    "It sleeps{} here: too long for whoever waits, too short for a busy machine.",
    "Wait for what is to happen, or move the clock: `time_machine`, a patched `sleep`.",
)
REAL_TIME = Rule(
    "TH402",
    "real-time",
    "The assertion depends on the clock: {}.",
    "Let the clock stand (`time_machine.travel`), or hand the moment to what is tested.",
)
NETWORK = Rule(
    "TH403",
    "real-network",
    "The test asks {}, which may be away, slow, or answer something else tomorrow.",
    "Have it answered by a double, or ask the application itself by the fixture `client`.",
)
RULES = (SLEEP, REAL_TIME, NETWORK, CHANCE)

SLEEPS = {"time.sleep", "asyncio.sleep", "anyio.sleep", "trio.sleep", "gevent.sleep"}
NOW = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now",
    "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today", "time.time",
    "timezone.now", "django.utils.timezone.now",
}  # fmt: skip
STOPWATCHES = {"time.time", "time.perf_counter", "time.monotonic", "timeit.default_timer"}
IDLE = (ast.Pass, ast.Continue)
PARTS_OF_A_MOMENT = {"date", "isoformat", "timestamp", "strftime", "replace"}
STANDING = re.compile(r"freez|time_machine|travel|frozen")
MEASURING = re.compile(r"perf|bench|speed|slow|load|timing|latency|stress")
MEASURED = re.compile(r"monitor|timer|timed|measur|stopwatch|track|profil|elapsed|span")
REQUESTS = {"get", "post", "put", "patch", "delete", "head", "options", "request", "urlopen"}
ASKING = {"requests", "httpx", "httpx2", "urllib.request", "urllib3", "aiohttp"}
OPENING = {"socket.create_connection"}
DOUBLES = re.compile(
    r"mock|respx|responses|vcr|cassette|httpretty|patch|stub|fake|recorder|pook|betamax|live_server"
    r"|server"
)
LOCAL = re.compile(r"https?://(localhost|127\.|0\.0\.0\.0|\[::1\]|testserver|test(?![\w.]))")
FOREIGN = re.compile(r"(https?|wss?)://[^/{]+")
# Names that no machine has, as RFC 2606 says.
NOWHERE = re.compile(r"\.(invalid|test|example|localhost)(:\d+)?$")


def look(file: File) -> Iterator[Found]:
    """Yield what makes two runs of a file differ."""
    yield from _sleeps(file)
    yield from _clocks(file)
    yield from _asks(file)
    yield from drawn(file)


def _sleeps(file: File) -> Iterator[Found]:
    yield from _waits_busily(file)
    aliases = [name for name, full in file.module.imports.items() if full in SLEEPS]
    for called in file.module.called(*{"sleep", *aliases}):
        case = file.case_at(called.place)
        if full_name(called.node.func, file.module) not in SLEEPS or not called.node.args:
            continue
        # A function in the test that sleeps stands for something slow, mostly cut short.
        scope = called.place.scope
        of_test = case is not None and scope is case.scope and not case.is_left_out
        if not of_test and not is_fixture(scope, file.module):
            continue
        seconds = constant(called.node.args[0])
        if seconds == 0 or _polls(called) or _is_measured(called):
            continue
        shown = f" {seconds:g} s" if isinstance(seconds, (int, float)) else ""
        yield Found(SLEEP, called.node, shown, case)


def _waits_busily(file: File) -> Iterator[Found]:
    """Yield each loop that does nothing until the clock says so."""
    for case in file.running:
        for node, _ in case.scope.loops:
            # What waits for something else as well goes on as soon as that is there.
            if not isinstance(node, ast.While) or isinstance(node.test, ast.BoolOp):
                continue
            if all(isinstance(one, IDLE) for one in node.body):
                asked = [part for part in ast.walk(node.test) if isinstance(part, ast.Call)]
                if any(full_name(it.func, file.module) in STOPWATCHES | NOW for it in asked):
                    yield Found(SLEEP, node, " in a busy loop", case)


def _is_measured(called: Called) -> bool:
    """Tell whether the sleep is what a stopwatch in the test is to see."""
    return any(
        isinstance(place.node, (ast.With, ast.AsyncWith))
        and len(place.node.body) == 1
        and any(MEASURED.search(ast.unparse(it.context_expr).lower()) for it in place.node.items)
        for place in called.place.within()
    )


def _polls(called: Called) -> bool:
    """Tell whether it waits in a loop that ends as soon as something is there."""
    for place in called.place.within():
        if place.kind == "while" and isinstance(place.node, ast.While):
            return constant(place.node.test) is ... or _breaks(place.node)
        if place.kind == "for":
            return _breaks(place.node)
    return False


def _breaks(loop: ast.AST) -> bool:
    return any(isinstance(part, (ast.Break, ast.Return)) for part in ast.walk(loop))


def _clocks(file: File) -> Iterator[Found]:
    if not any(
        name in file.module.calls for name in ("now", "utcnow", "today", "time", *_watches())
    ):
        return
    for case in file.running:
        if _stands_still(file, case):
            continue
        for scope in case.scope.walk():
            for node, _ in scope.asserts:
                if isinstance(node, ast.Assert) and (
                    reason := _by_the_clock(node.test, scope, file, case)
                ):
                    yield Found(REAL_TIME, node, reason, case)


def _watches() -> set[str]:
    return {name.rpartition(".")[2] for name in STOPWATCHES}


def _stands_still(file: File, case: Case) -> bool:
    names = [*case.parameters, *(one.name for one in case.decorators)]
    names += [dotted(called.node.func) for called in case.scope.calls]
    return any(STANDING.search(name) for name in names)


def _by_the_clock(test: ast.expr, scope: Scope, file: File, case: Case) -> str:
    """Return how an assertion depends on the real time; empty if it does not."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return ""
    sides, operator = (test.left, test.comparators[0]), test.ops[0]
    if isinstance(operator, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
        named = f"{case.name} {file.module.path.name} {' '.join(d.name for d in case.decorators)}"
        # To have waited long enough is certain, to be fast enough is not.
        below = sides[0] if isinstance(operator, (ast.Lt, ast.LtE)) else sides[1]
        if _is_elapsed(below, scope, file) and not MEASURING.search(named.lower()):
            return "it measures how long the code takes on this machine"
        return ""
    if isinstance(operator, ast.Eq):
        for side in sides:
            if _reads_clock(_only_asserted(side, case), scope, file):
                return "a moment that passes between two readings is to be the same"
    return ""


def _is_elapsed(node: ast.expr, scope: Scope, file: File) -> bool:
    value = _given(node, scope)
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Sub):
        return False
    return all(_is_reading(side, scope, file) for side in (value.left, value.right))


def _is_reading(node: ast.expr, scope: Scope, file: File) -> bool:
    value = _given(node, scope)
    return isinstance(value, ast.Call) and full_name(value.func, file.module) in STOPWATCHES


def _only_asserted(node: ast.expr, case: Case) -> ast.expr:
    """Return what a name was given that a test only compares with; else the node."""
    value = made_here(node, case.scope)
    if value is node or not isinstance(node, ast.Name):
        return node
    asserted = {
        id(side)
        for scope in case.scope.walk()
        for stated in scope.asserts
        for part in ast.walk(stated.node)
        if isinstance(part, ast.Compare)
        for side in (part.left, *part.comparators)
    }
    used = [
        part
        for part in ast.walk(case.scope.node)
        if isinstance(part, ast.Name) and part.id == node.id and isinstance(part.ctx, ast.Load)
    ]
    return value if all(id(part) in asserted for part in used) else node


def _reads_clock(node: ast.expr, scope: Scope, file: File) -> bool:
    """Tell whether a side of a comparison is the present moment itself, read for this."""
    value = node
    while True:
        if isinstance(value, ast.Attribute):
            value = value.value
        elif (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and value.func.attr in PARTS_OF_A_MOMENT
        ):
            value = value.func.value
        else:
            break
    if isinstance(value, ast.Call) and dotted(value.func) in ("int", "str", "round") and value.args:
        return _reads_clock(value.args[0], scope, file)
    if isinstance(value, ast.JoinedStr):
        shown = (it.value for it in value.values if isinstance(it, ast.FormattedValue))
        return any(_reads_clock(it, scope, file) for it in shown)
    return isinstance(value, ast.Call) and full_name(value.func, file.module) in NOW


def _given(node: ast.expr, scope: Scope) -> ast.expr:
    if isinstance(node, ast.Name):
        return value_of(node.id, scope) or node
    return node


def _asks(file: File) -> Iterator[Found]:
    module = file.module
    packages = {one.partition(".")[0] for one in (*ASKING, *OPENING)}
    if not packages & {name.partition(".")[0] for name in module.imports.values()}:
        return
    for called in module.called(*REQUESTS, "create_connection"):
        case = file.case_at(called.place)
        if case is None or case.is_left_out or not called.node.args:
            continue
        name = full_name(called.node.func, module)
        if name in OPENING:
            host = _host(called.node.args[0], called.place.scope)
        elif name.rpartition(".")[0] in ASKING or _is_client(called, file):
            host = _address(called.node.args, called.place.scope) or _base(called)
        else:
            continue
        if host and not _is_answered(file, case):
            yield Found(NETWORK, called.node, host, case)


def _is_client(called: Called, file: File) -> bool:
    """Tell whether a call is one of a client of httpx or aiohttp that has no application."""
    receiver = getattr(called.node.func, "value", None)
    made = _given(receiver, called.place.scope) if isinstance(receiver, ast.Name) else receiver
    if not isinstance(made, ast.Call) or any(k.arg in ("app", "transport") for k in made.keywords):
        return False
    return full_name(made.func, file.module).rpartition(".")[0] in ASKING


def _base(called: Called) -> str:
    """Return the address that a client has been given for all of its requests."""
    receiver = getattr(called.node.func, "value", None)
    made = _given(receiver, called.place.scope) if isinstance(receiver, ast.Name) else receiver
    base = keyword(made, "base_url") if isinstance(made, ast.Call) else None
    return _address([base], called.place.scope) if base is not None else ""


def _address(arguments: list[ast.expr], scope: Scope) -> str:
    for argument in arguments[:2]:
        text = _text(argument, scope)
        if (found := FOREIGN.match(text)) and not NOWHERE.search(found[0]):
            if not LOCAL.match(text):
                return found[0]
            return f"{found[0]}, where somebody has to have started a server"
    return ""


def _host(node: ast.expr, scope: Scope) -> str:
    parts = node.elts if isinstance(node, ast.Tuple) else []
    host = constant(parts[0]) if parts else ...
    return host if isinstance(host, str) and host not in ("localhost", "127.0.0.1", "::1") else ""


def _text(node: ast.expr, scope: Scope) -> str:
    """Return how a text begins, names in it by what they are given once."""
    if isinstance(node, ast.Name):
        value = value_of(node.id, scope)
        return _text(value, scope) if value is not None and value is not node else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part, scope) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _text(node.value, scope) if isinstance(node.value, ast.Name) else "{}"
    if isinstance(node, ast.BinOp):
        return _text(node.left, scope) + _text(node.right, scope)
    written = constant(node)
    return written if isinstance(written, str) else ""


def _is_answered(file: File, case: Case) -> bool:
    """Tell whether something stands in for the network, or the test says that it needs it."""
    names = [*case.parameters, *(one.name for one in case.decorators)]
    names += [dotted(called.node.func) for called in case.scope.calls]
    return any(
        DOUBLES.search(name.lower()) or name.endswith((".network", ".vcr", ".external"))
        for name in names
    )
