"""`python -m test_harness` is the command `test-harness`."""

from __future__ import annotations

import sys
from pathlib import Path

if not __package__:
    # Run by its path, as the template's hook does while nothing is installed.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from test_harness.commands.main import main

sys.exit(main())
