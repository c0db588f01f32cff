# mypy: ignore-errors
"""What data migrations are to do, by revision: rows before it, and rows that are there after it.

The file is yours. A row of `after` may leave out columns that do not matter:

    REVISIONS = {
        "0007": {
            "before": {"users": [{"id": 1, "name": "Ada Lovelace"}]},
            "after": {"users": [{"id": 1, "first_name": "Ada", "last_name": "Lovelace"}]},
        },
    }
"""

from __future__ import annotations

from typing import Any

REVISIONS: dict[str, dict[str, dict[str, list[dict[str, Any]]]]] = {}
