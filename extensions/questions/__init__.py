"""Decisions behind the questions of copier.yml: what is refused, and which files a sample has."""

from __future__ import annotations

from .preflight import preflight
from .refusals import clean_up_when_interrupted, show_refusals_briefly, stop
from .samples import sample_files
from .support import refusal

__all__ = [
    "clean_up_when_interrupted",
    "preflight",
    "refusal",
    "sample_files",
    "show_refusals_briefly",
    "stop",
]
