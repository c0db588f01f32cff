"""The key that the application signs with, and what it signs: tokens and sessions in cookies."""

from __future__ import annotations

import base64
import importlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from test_harness.application.loading import application, import_object
from test_harness.auth import tokens
from test_harness.errors import HarnessError, LoginError
from test_harness.settings import settings


class Signer(Protocol):
    """Reads and makes one kind of signed text."""

    def read(self, text: str) -> dict[str, Any]:
        """Return what the text says."""

    def sign(self, data: dict[str, Any]) -> str:
        """Return a text that says `data`, as the application signs it."""


def keys() -> Iterator[str | bytes]:
    """Return what is found at the places that `[auth] token_key` names."""
    for place in settings().auth.token_key.split():
        found: Any = None
        if ":" in place:
            with suppress(HarnessError):
                found = import_object(place)
        else:
            configuration = getattr(application(), "config", None)
            found = configuration.get(place) if isinstance(configuration, dict) else None
            found = found or os.environ.get(place)
        if isinstance(found, Path):
            found = found.read_bytes() if found.is_file() else None
        if hasattr(found, "get_secret_value"):
            found = found.get_secret_value()
        if isinstance(found, (str, bytes)) and found:
            yield found


def signer_of(text: str) -> Signer | None:
    """Return what signed a text, None where no key that is known did."""
    interface = getattr(application(), "session_interface", None)
    with suppress(Exception):
        serializer = interface.get_signing_serializer(application())  # type: ignore[union-attr]
        serializer.loads(text)
        return FlaskSession(serializer)
    for key in keys():
        for kind in (JsonWebToken, StarletteSession):
            with suppress(Exception):
                return kind.that_signed(text, key)
    return None


@dataclass(frozen=True)
class JsonWebToken:
    """Signs tokens (RFC 7519)."""

    header: dict[str, Any]
    key: str | bytes

    @classmethod
    def that_signed(cls, text: str, key: str | bytes) -> JsonWebToken:
        """Return what signed `text` with `key`.

        Raises:
            ValueError: It was another key, or it is no such token.
        """
        try:
            header = tokens.header_of(text)
        except LoginError as error:
            raise ValueError(text) from error
        if not tokens.is_signed(text, key):
            raise ValueError(text)
        return cls(header, key)

    def read(self, text: str) -> dict[str, Any]:
        return tokens.claims_of(text)

    def sign(self, data: dict[str, Any]) -> str:
        return tokens.signed(self.header, data, self.key)


@dataclass(frozen=True)
class StarletteSession:
    """Signs sessions as Starlette's SessionMiddleware does."""

    signer: Any

    @classmethod
    def that_signed(cls, text: str, key: str | bytes) -> StarletteSession:
        """Return what signed `text` with `key`.

        Raises:
            Exception: It was another key.
        """
        found = cls(importlib.import_module("itsdangerous").TimestampSigner(key))
        found.read(text)
        return found

    def read(self, text: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(base64.b64decode(self.signer.unsign(text)))
        return found

    def sign(self, data: dict[str, Any]) -> str:
        signed: bytes = self.signer.sign(base64.b64encode(json.dumps(data).encode()))
        return signed.decode()


@dataclass(frozen=True)
class FlaskSession:
    """Signs sessions as Flask does."""

    serializer: Any

    def read(self, text: str) -> dict[str, Any]:
        found: dict[str, Any] = self.serializer.loads(text)
        return found

    def sign(self, data: dict[str, Any]) -> str:
        signed: str = self.serializer.dumps(data)
        return signed
