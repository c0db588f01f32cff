"""Socket.IO: where it is served, and where a client shows who it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..code.call_graph import CallGraph
from ..code.modules import Module
from ..code.nodes import (
    FunctionNode,
    argument,
    called,
    class_attribute,
    keyword,
    parameters,
    terminal,
)
from ..code.source import Source

# What serves it, beside an application or around it, and in Flask.
_ASGI = ("socketio.ASGIApp", "socketio.asgi.ASGIApp")
_FLASK = ("flask_socketio.SocketIO",)


@dataclass(frozen=True)
class SocketIO:
    """What `[flows]` of the settings says of Socket.IO.

    Attributes:
        path: Where it answers.
        app: What serves it, as `module:name`; empty where the application does. In Flask it is
            the extension.
        namespace: The one that a client shows itself in; empty for the main one.
        token: Where it shows itself.
        where: `file:line` of the handler that looks at it.
    """

    path: str
    app: str
    namespace: str
    token: str
    where: str


def find(source: Source, call_graph: CallGraph) -> SocketIO | None:
    """Return what is known of Socket.IO; None unless where it is and who connects is clear.

    A server with `always_connect` refuses nobody at once, so that there is nothing to expect of it.
    """
    for module in source.having(b"always_connect"):
        for call in module.calls:
            always = keyword(call, "always_connect")
            if isinstance(always, ast.Constant) and always.value is True:
                return None
    for module in source.having(b"ASGIApp", b"SocketIO"):
        for call in module.calls if source.live(module) else ():
            symbol = source.resolve(module, call.func)
            if symbol is None or symbol.path not in _ASGI + _FLASK:
                continue
            if symbol.path in _ASGI:
                path, app = _served(source, call_graph, module, call)
            else:
                path, app = "/socket.io", _address(module, call)
                if not app:
                    continue
            for owner, handler, namespace in _handlers(source, call_graph):
                token = _token(call_graph, owner, handler)
                if token:
                    known = namespace if namespace != "/" else ""
                    return SocketIO(path, app, known, token, owner.where(handler))
    return None


def _served(
    source: Source, call_graph: CallGraph, module: Module, call: ast.Call
) -> tuple[str, str]:
    """Return the path that clients ask for, and what serves it unless that is mounted."""
    given = argument(call, 3, "socketio_path")
    own = call_graph.evaluator.text(module, given) if given is not None else "socket.io"
    for other in source.having(b".mount(", b"Mount("):
        for mount in other.calls:
            if terminal(mount.func) not in ("mount", "Mount"):
                continue
            target = argument(mount, 1, "app")
            symbol = source.resolve(other, target)
            if target is call or (symbol is not None and symbol.node is call):
                prefix = call_graph.evaluator.text(other, argument(mount, 0, "path")) or ""
                return f"/{(own or prefix).strip('/')}", ""
    return f"/{(own or '').strip('/')}", _address(module, call)


def _address(module: Module, call: ast.Call) -> str:
    """Return `module:name` of what a call makes; empty where a function makes it."""
    names = [name for name, values in module.names.items() if any(v is call for v in values)]
    return f"{module.name}:{names[0]}" if names else ""


def _handlers(source: Source, call_graph: CallGraph) -> Iterator[tuple[Module, FunctionNode, str]]:
    """Yield what is called when somebody connects, with its namespace."""
    for module in source.having(b"connect", b"on_connect"):
        if not source.live(module):
            continue
        for function in module.outline.functions:
            for decorator in function.decorator_list:
                if _connects(decorator, function):
                    asked = decorator if isinstance(decorator, ast.Call) else None
                    given = keyword(asked, "namespace") if asked else None
                    yield module, function, call_graph.evaluator.text(module, given) or ""
        for node in module.outline.classes:
            method = class_attribute(node, "on_connect")
            if isinstance(method, FunctionNode) and any(
                terminal(base) in ("AsyncNamespace", "Namespace") for base in node.bases
            ):
                yield module, method, _namespace(source, call_graph, node)


def _connects(decorator: ast.expr, function: FunctionNode) -> bool:
    """Tell whether it is `@sio.event` of a function `connect`, or `@sio.on("connect")`."""
    target = called(decorator)
    if not isinstance(target, ast.Attribute) or len(parameters(function)) > 3:
        return False
    if target.attr == "event":
        return function.name == "connect"
    first = argument(decorator, 0, "event") if isinstance(decorator, ast.Call) else None
    return target.attr == "on" and isinstance(first, ast.Constant) and first.value == "connect"


def _namespace(source: Source, call_graph: CallGraph, node: ast.ClassDef) -> str:
    for module in source.having(b"register_namespace"):
        for call in module.calls:
            if terminal(call.func) == node.name and isinstance(call.func, ast.Name | ast.Attribute):
                return call_graph.evaluator.text(module, argument(call, 0, "namespace")) or ""
    return ""


def _token(call_graph: CallGraph, module: Module, handler: FunctionNode) -> str:
    """Return where a client shows its token; empty where it shows none."""
    text = "\n".join(
        ast.unparse(node) for _, node in call_graph.reachable_from(module, handler)[:8]
    )
    # The handler has (sid, environ, auth), in Flask (auth), with all or some of them.
    names = [arg.arg for arg, _ in parameters(handler)]
    auth = names[-1] if len(names) in (1, 3) else "auth"
    payload = re.search(rf"\b{auth}(?:\.get\(|\[)['\"](\w+)", text)
    if payload:
        return f'auth:{{"{payload.group(1)}": "$token"}}'
    if re.search(r"(?i)query_string|request\.args", text):
        name = re.search(r"(?i)(?:\.get\(|\[)['\"](\w*(?:token|jwt|key)\w*)['\"]", text)
        return f"query:{name.group(1) if name else 'token'}"
    if re.search(r"(?i)HTTP_AUTHORIZATION|HTTP_X_|['\"]authorization['\"]|request\.headers", text):
        return "header"
    cookie = r"HTTP_COOKIE|request\.cookies|\bcurrent_user\b|\bsession(?:\.get\(|\[)['\"]"
    return "cookie" if re.search(cookie, text) else ""
