"""The site of the documentation: `make docs` writes it to build/site, and a warning is an error."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

project = "test-harness"
author = "the contributors of test-harness"
[release] = re.findall(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
version = release

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"test-harness {release}"
html_copy_source = False
html_show_copyright = False
