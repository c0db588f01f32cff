"""Reads a backend without importing or running anything of it."""

from __future__ import annotations

from .findings import Finding
from .report.answers import discover
from .report.data import as_data
from .report.facts import Facts
from .report.message import message
from .report.proposals import proposals

__all__ = ["Facts", "Finding", "as_data", "discover", "message", "proposals"]
