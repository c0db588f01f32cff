"""What is kept between runs, in the temporary folder of this user."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from test_harness.databases.naming import PREFIX
from test_harness.errors import ProvisioningError

OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def kept_folder() -> Path:
    """Return the folder, which nobody else may look into.

    Raises:
        ProvisioningError: Somebody else made it, or may write into it: what lies there would be
            loaded as if it were of this user.
    """
    folder = Path(tempfile.gettempdir(), f"{PREFIX}-{getpass.getuser()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    if sys.platform != "win32":
        made = folder.lstat()
        if made.st_uid != os.getuid() or made.st_mode & OTHERS_MAY_WRITE or folder.is_symlink():
            raise ProvisioningError(
                f"The folder {folder} was made by somebody else, or others may write into it.",
                "Look at who did, and remove it, or name another place in TMPDIR.",
            )
    return folder


def remembered(*known: object, find: Callable[[], list[str]]) -> list[str]:
    """Return what `find` returned for the same `known` in an earlier run, if there was one.

    Args:
        known: All that the result depends on.
        find: Takes its time.
    """
    name = f"{hashlib.sha256(repr(known).encode()).hexdigest()[:16]}.json"
    with suppress(OSError, ValueError):
        noted: list[str] = json.loads((kept_folder() / name).read_text(encoding="utf-8"))
        return noted
    found = find()
    # What cannot be kept is found again. Elsewhere first, so that nobody reads half of it.
    with (
        suppress(OSError),
        tempfile.NamedTemporaryFile(
            "w", dir=kept_folder(), suffix=".part", delete=False, encoding="utf-8"
        ) as part,
    ):
        json.dump(found, part)
        part.close()
        Path(part.name).replace(kept_folder() / name)
    return found
