"""What a value has to be, in words."""

from __future__ import annotations

from test_harness.demands.grammar import Shape

_KINDS = {
    "int": "a whole number", "float": "a number", "bool": "true or false", "list": "a JSON list",
    "json": "JSON", "url": "an address", "database": "the address of a database",
    "redis": "the address of a Redis server", "email": "an e-mail address",
    "fernet": "a key of Fernet: 32 bytes in URL-safe Base64", "base64": "Base64",
    "hex": "hexadecimal digits", "key": "a key of the right length", "pem": "a key in PEM",
    "uuid": "a UUID", "date": "a date as ISO 8601 writes it", "timezone": "a time zone",
    "ip": "an IP address", "level": "a level of logging", "file": "a file that is there",
    "toml": "a file that is there", "folder": "a folder", "path": "a path",
}  # fmt: skip


def said_of(shape: Shape) -> str:
    """Return the conditions on a value as what it must be; empty where none is known."""
    if choices := shape.get("choices"):
        return f"one of {', '.join(map(str, choices))}"
    kind = _KINDS.get(shape.get("kind", ""), "")
    if shape.get("drivers") == "async":
        kind += " with an asynchronous driver"
    found = [kind] if kind else []
    if "pattern" in shape:
        found.append(f"like the pattern {shape['pattern']}")
    if "separator" in shape and len(shape.get("parts", ())) > 1:
        parts = [part or "text" for part in shape["parts"]]
        found.append(f"written as {shape['separator'].join(parts)}")
    for key, word in (
        ("start", "with {!r} at its beginning"), ("end", "with {!r} at its end"),
        ("shortest", "at least {} long"), ("longest", "at most {} long"), ("least", "at least {}"),
        ("above", "more than {}"), ("most", "at most {}"), ("below", "less than {}"),
        ("multiple_of", "a multiple of {}"),
    ):  # fmt: skip
        if key in shape:
            found.append(word.format(shape[key]))
    found += [f"with {part!r} in it" for part in shape.get("contains", ())]
    if "schemes" in shape and shape.get("kind") not in ("database", "redis"):
        found.append(f"with one of the schemes {', '.join(shape['schemes'])}")
    if not found and "said" in shape:
        return f"what its validator asks for: {shape['said']}"
    return ", ".join(found)
