"""Keeps Mako, which Alembic writes revisions with, from loading the colours of its error pages.

It would import lexers of Pygments for them, of Lisp and Perl too: a sixth of what there is to
compile and a tenth of what there is to load of Alembic, in each process that looks at migrations.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress

COLOURS = "mako.ext.pygmentplugin"


def leave_out_colours() -> None:
    """Load Mako's errors without colours, unless the application has loaded it before."""
    if "mako.exceptions" in sys.modules or COLOURS in sys.modules:
        return
    # What is None there cannot be imported, for which Mako has something plain. Whoever asks for
    # the module itself afterwards gets it.
    sys.modules[COLOURS] = None  # type: ignore[assignment]
    try:
        with suppress(ImportError):
            importlib.import_module("mako.exceptions")
    finally:
        del sys.modules[COLOURS]
