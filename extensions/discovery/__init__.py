"""Reads a backend without importing or running anything of it."""

from __future__ import annotations

from .project import Project, discover

__all__ = ["Project", "discover"]
