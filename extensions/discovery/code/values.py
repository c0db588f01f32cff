"""What an expression may stand for, and the calls that hand a value on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .modules import Symbol

# Stands for the part of a text that is only known when the program runs.
GAP = "\0"
ENVIRONMENT_CALLS = frozenset(
    {"os.getenv", "os.environ.get", "os.environ.setdefault", "os.getenvb"}
)
DSN_SCHEMES = {
    "PostgresDsn": "postgresql",
    "AsyncPostgresDsn": "postgresql+asyncpg",
    "MySQLDsn": "mysql",
    "MariaDBDsn": "mariadb",
    "CockroachDsn": "cockroachdb",
}
CONFIG_READERS = re.compile(
    r"decouple\.(\w+\.)?(config|AutoConfig)$|starlette\.config\.Config$|environs\.(Env|FileAwareEnv)$"
    r"|environ\.Env$"
)

TEXT_METHODS: Mapping[str, Callable[[str], str]] = {
    "strip": str.strip,
    "lower": str.lower,
    "upper": str.upper,
    "rstrip": lambda text: text.rstrip("/"),
    "lstrip": lambda text: text.lstrip("/"),
}

SAME_TEXT = frozenset([
    "unicode_string", "get_secret_value", "render_as_string", "human_repr", "encoded_string",
    "as_posix", "resolve", "format", "expanduser", "absolute", "decode", "encode", "__str__",
    "to_string",
])  # fmt: skip
WRAPPERS = frozenset([
    "str", "Path", "SecretStr", "AnyUrl", "AnyHttpUrl", "HttpUrl", "make_url", "cast", "Secret",
    "URL", "int", "bool", "float", "Undefined", "RedisDsn", "DatabaseURL", "quote_plus",
    "Annotated", "CommaSeparatedStrings",
]) | frozenset(DSN_SCHEMES)  # fmt: skip


@dataclass(frozen=True)
class Instance:
    """An object of one of the backend's own classes."""

    of: Symbol


Scope = Mapping[str, Any]


def as_text(value: Any) -> str:
    """Return a value as it stands in a text."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else GAP
