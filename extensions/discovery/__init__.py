"""Reads a backend without importing or running anything of it."""

from __future__ import annotations

from .facts import Facts
from .findings import Finding
from .message import message
from .project import discover
from .proposals import as_data, proposals

__all__ = ["Facts", "Finding", "as_data", "discover", "message", "proposals"]
