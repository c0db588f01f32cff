"""What Copier runs by its path after an update, with the folder of the tests."""

from __future__ import annotations

import sys
from pathlib import Path

if not __package__:
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from updates.old_shape.main import main

sys.exit(main(Path(sys.argv[1])))
