"""Where a socket is, and where a client shows it who it is."""

from __future__ import annotations

import ast
import re

from ..code.call_graph import CallGraph
from ..code.source import Source
from ..findings import Finding
from ..web import socketio
from ..web.routes import Routes


def sockets(source: Source, routes: Routes, call_graph: CallGraph) -> dict[str, Finding]:
    """Return what `[flows]` of the settings is to say of sockets, key by key."""
    return {**_websocket(source, routes, call_graph), **_socketio(source, call_graph)}


def _websocket(source: Source, routes: Routes, call_graph: CallGraph) -> dict[str, Finding]:
    for route in routes.routes:
        if "WEBSOCKET" not in route.methods or route.has_parameters or not route.certain:
            continue
        if route.handler is None or not source.live(route.module):
            continue
        steps = call_graph.reachable_from(route.module, route.handler)[:8]
        place = _place("\n".join(ast.unparse(function) for _, function in steps))
        if place:
            return {
                "socket_path": Finding(route.path, route.where, "medium"),
                "socket_token": Finding(place, route.where, "medium"),
            }
    return {}


def _socketio(source: Source, call_graph: CallGraph) -> dict[str, Finding]:
    found = socketio.find(source, call_graph)
    if found is None:
        return {}
    values = {"path": found.path, "app": found.app, "namespace": found.namespace,
              "token": found.token}  # fmt: skip
    return {
        f"socketio_{name}": Finding(value, found.where, "medium")
        for name, value in values.items()
        if value
    }


def _place(text: str) -> str:
    """Return where a socket is shown its token; empty where it is shown none."""
    query = re.search(r"query_params(?:\.get\(|\[)['\"](\w+)", text)
    if query:
        return f"query:{query.group(1)}"
    if re.search(r"subprotocol|Sec-WebSocket-Protocol", text, re.IGNORECASE):
        return "subprotocol"
    if re.search(r"\.headers|Header\(|HTTPBearer|HTTPConnection", text):
        return "header"
    if re.search(r"\.cookies|Cookie\(", text):
        return "cookie"
    plain = re.search(r"\b(token|access_token|jwt)\s*:", text)
    return f"query:{plain.group(1)}" if plain else ""
