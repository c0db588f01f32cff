"""Of which kind a test is: by its markers, those that say most first."""

from __future__ import annotations

from collections.abc import Iterable

# A test with several markers counts as the first of these.
KINDS = (
    "performance",
    "migration",
    "security",
    "concurrency",
    "api",
    "integration",
    "unit",
)
OTHER = "other"
# What it is noted as.
KIND = "kind"
EVERY_KIND = (*reversed(KINDS), OTHER)


def kind_of(markers: Iterable[str]) -> str:
    """Return the kind of a test.

    Args:
        markers: The names of all its markers.
    """
    names = set(markers)
    return next((kind for kind in KINDS if kind in names), OTHER)
