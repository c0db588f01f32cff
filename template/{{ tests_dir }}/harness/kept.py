"""What is kept between runs, in the temporary folder of this user."""

from __future__ import annotations

import getpass
import hashlib
import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from harness.naming import PREFIX


def kept_folder() -> Path:
    """Return the folder, which nobody else may look into."""
    folder = Path(tempfile.gettempdir(), f"{PREFIX}-{getpass.getuser()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def remembered(*known: object, find: Callable[[], list[str]]) -> list[str]:
    """Return what `find` returned for the same `known` in an earlier run, if there was one.

    Args:
        known: All that the result depends on.
        find: Takes its time.
    """
    digest = hashlib.sha256(repr(known).encode()).hexdigest()
    note = kept_folder() / f"{digest[:16]}.json"
    with suppress(OSError, ValueError):
        found: list[str] = json.loads(note.read_text(encoding="utf-8"))
        return found
    found = find()
    # Elsewhere first, so that a run beside this one never reads half of it.
    with tempfile.NamedTemporaryFile(
        "w", dir=note.parent, suffix=".part", delete=False, encoding="utf-8"
    ) as part:
        json.dump(found, part)
    Path(part.name).replace(note)
    return found
