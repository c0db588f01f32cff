"""Documents in memory, with what servers of search engines say of them."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any
from urllib.parse import unquote, urlsplit

INFO = {"name": "double", "cluster_name": "double", "version": {"number": "9.0.0"}, "tagline": ""}
# What stands in a query and is no word to look for.
NO_WORDS = ("fields", "operator", "type", "analyzer", "fuzziness", "minimum_should_match")
Answer = tuple[int, Any]


class Search:
    """The documents, by index and identifier.

    Attributes:
        indices: What is kept.
    """

    def __init__(self) -> None:
        self.indices: dict[str, dict[str, dict[str, Any]]] = {}
        self._numbers = itertools.count(1)

    def documents(self, index: str) -> list[dict[str, Any]]:
        """Return the documents of an index, in the order in which they came."""
        return [*self.indices.get(index, {}).values()]

    def answer(self, method: str, path: str, body: Any) -> Answer:
        """Return the status and what a server of Elasticsearch or OpenSearch says."""
        parts = [unquote(part) for part in urlsplit(path).path.split("/") if part]
        if not parts:
            return 200, INFO
        if "_bulk" in parts:
            return 200, self._bulk(parts[0], _lines(body))
        action = next((part for part in parts if part.startswith("_")), "")
        names = [] if parts[0] == action else parts[0].split(",")
        if action in ("_search", "_count"):
            return 200, self._found(names or [*self.indices], body or {}, action)
        if action in ("_doc", "_create", "_update"):
            return self._document(method, names[0], parts[2:], action, body)
        if action or not names:
            return 200, {"acknowledged": True}
        return self._index(method, names[0])

    def _index(self, method: str, index: str) -> Answer:
        is_there = index in self.indices
        if method in ("HEAD", "GET"):
            return (200, {index: {}}) if is_there else _missing(index)
        if method == "DELETE":
            return (200, {"acknowledged": self.indices.pop(index) is not None}) if is_there else (
                _missing(index)
            )  # fmt: skip
        if is_there:
            return 400, {"error": {"type": "resource_already_exists_exception"}, "status": 400}
        self.indices[index] = {}
        return 200, {"acknowledged": True, "index": index}

    def _document(self, method: str, index: str, rest: list[str], action: str, body: Any) -> Answer:
        key = rest[0] if rest else f"double-{next(self._numbers)}"
        kept = self.indices.setdefault(index, {})
        shown = {"_index": index, "_id": key, "_version": 1}
        is_there = key in kept
        if method in ("GET", "HEAD"):
            found = {**shown, "found": is_there} | ({"_source": kept[key]} if is_there else {})
            return (200 if is_there else 404), found
        if method == "DELETE":
            kept.pop(key, None)
            result = "deleted" if is_there else "not_found"
            return (200 if is_there else 404), {**shown, "result": result}
        if action == "_update":
            kept[key] = {**kept.get(key, body.get("upsert") or {}), **(body.get("doc") or {})}
        else:
            kept[key] = dict(body)
        status, result = (200, "updated") if is_there else (201, "created")
        return status, {**shown, "result": result}

    def _bulk(self, index: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
        rest, items = iter(lines), []
        for line in rest:
            [(action, given)] = line.items()
            body = None if action == "delete" else next(rest)
            name = {"index": "_doc", "create": "_doc", "delete": "_doc"}.get(action, "_update")
            key = [str(given["_id"])] if given.get("_id") is not None else []
            method = "DELETE" if action == "delete" else "PUT"
            status, said = self._document(method, given.get("_index", index), key, name, body)
            items.append({action: {**said, "status": status}})
        return {"took": 0, "errors": False, "items": items}

    def _found(self, names: list[str], body: dict[str, Any], action: str) -> dict[str, Any]:
        query = body.get("query") or {}
        hits = [
            {"_index": index, "_id": key, "_score": 1.0, "_source": document}
            for index in names
            for key, document in self.indices.get(index, {}).items()
            if _has_words(document, query)
        ]
        if action == "_count":
            return {"count": len(hits)}
        start = int(body.get("from", 0))
        shown = hits[start : start + int(body.get("size", 10))]
        total = {"value": len(hits), "relation": "eq"}
        return {
            "took": 0, "timed_out": False, "hits": {"total": total, "max_score": 1.0, "hits": shown}
        }  # fmt: skip

    def of_meilisearch(self, method: str, path: str, body: Any) -> Any:
        """Return what a server of Meilisearch says."""
        parts = [unquote(part) for part in urlsplit(path).path.split("/") if part]
        number = next(self._numbers)
        task = {
            "taskUid": number, "uid": number, "status": "succeeded", "indexUid": "", "type": "",
            "enqueuedAt": "2000-01-01T00:00:00.000000Z",
        }  # fmt: skip
        if parts[:1] != ["indexes"] or not parts[1:]:
            if method == "POST" and isinstance(body, dict) and "uid" in body:
                self.indices.setdefault(body["uid"], {})
            return task
        kept = self.indices.setdefault(parts[1], {})
        if parts[2:3] == ["search"]:
            hits = [it for it in kept.values() if _has_words(it, (body or {}).get("q") or "")]
            start = int((body or {}).get("offset", 0))
            shown = hits[start : start + int((body or {}).get("limit", 20))]
            return {"hits": shown, "estimatedTotalHits": len(hits), "query": (body or {}).get("q")}
        if parts[2:3] == ["documents"] and method in ("POST", "PUT"):
            for one in body if isinstance(body, list) else [body]:
                kept[str(one.get("id", len(kept)))] = dict(one)
        elif parts[2:3] == ["documents"] and method == "DELETE":
            for key in parts[3:] or [*kept]:
                kept.pop(key, None)
        elif parts[2:3] == ["documents"] and method == "GET":
            found = [*kept.values()]
            return kept[parts[3]] if parts[3:] else {"results": found, "total": len(found)}
        return {**task, "indexUid": parts[1]}


def _missing(index: str) -> Answer:
    error = {"type": "index_not_found_exception", "reason": f"no such index [{index}]"}
    return 404, {"error": error, "status": 404}


def _lines(body: Any) -> list[dict[str, Any]]:
    if isinstance(body, (str, bytes)):
        body = body.decode().splitlines() if isinstance(body, bytes) else body.splitlines()
    return [json.loads(it) if isinstance(it, (str, bytes)) else it for it in body if it]


def _has_words(document: Any, query: Any) -> bool:
    text = " ".join(_texts(document)).lower()
    return all(word in text for given in _texts(query) for word in re.findall(r"\w+", given))


def _texts(value: Any) -> list[str]:
    """Return what stands in a document, or what a query looks for: not the names of fields."""
    if isinstance(value, dict):
        return [it for key, one in value.items() if key not in NO_WORDS for it in _texts(one)]
    if isinstance(value, (list, tuple)):
        return [text for one in value for text in _texts(one)]
    return [] if value is None else [str(value).lower()]
