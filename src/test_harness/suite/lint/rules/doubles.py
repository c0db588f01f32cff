"""TH7: doubles that stand for what the code no longer has; `--run` looks at the rest of them."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from test_harness.suite.lint.finding import File, Found, Rule
from test_harness.suite.reading.names import constant, dotted, full_name, keyword

CREATED = Rule(
    "TH701",
    "patch-creates",
    "`{}` patches a name whether or not there is one: the test goes on when it is gone.",
    "Leave it out, or give the double the real thing's face with `autospec=True`.",
)
GONE = Rule(
    "TH702",
    "patch-of-nothing",
    "{}.",
    "Patch the name where the code under test looks it up today.",
)
OTHER_SIGNATURE = Rule(
    "TH703",
    "other-signature",
    "{}.",
    "Take the arguments that the real one takes; `autospec=True` does that by itself.",
)
RULES = (CREATED, GONE, OTHER_SIGNATURE)


def look(file: File) -> Iterator[Found]:
    """Yield each patch that makes what it is to replace."""
    for called in file.module.called("patch", "object", "multiple", "setattr"):
        name = full_name(called.node.func, file.module)
        of_mock = "patch" in name and constant(keyword(called.node, "create")) is True
        loose = (
            called.name == "setattr"
            and "patch" in name
            and (constant(keyword(called.node, "raising")) is False)
        )
        if (of_mock or loose) and not _is_builtin(called.node):
            said = "create=True" if of_mock else "raising=False"
            yield Found(CREATED, called.node, said, file.case_at(called.place))


def _is_builtin(call: ast.Call) -> bool:
    """Tell whether Python has what is patched, as `builtins.open`."""
    parts = [str(constant(one)) if constant(one) is not ... else dotted(one) for one in call.args]
    module, _, name = ".".join(parts[:2] if parts[0] == "builtins" else parts[:1]).partition(".")
    return module == "builtins" and hasattr(builtins, name)
