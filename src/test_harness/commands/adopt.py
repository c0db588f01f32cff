"""Give a project a harness: `copier copy` with all that it needs.

What follows `--` is handed to `copier copy`, for example `-- --data database_engine=sqlite`.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from test_harness.commands.programs import SetupError
from test_harness.commands.requirements import ENGINE, checkout
from test_harness.commands.templates import copier


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("path", type=Path, help="the folder of the backend, or an empty one")
    parser.add_argument(
        "--template", default="", help="where the template is; where this engine came from if not"
    )


def run(arguments: argparse.Namespace) -> int:
    """Copy, and return Copier's exit status."""
    try:
        source, commit = (arguments.template, "") if arguments.template else template()
        ref = ["--vcs-ref", commit] if commit else []
        return copier(
            ["copy", "--trust", *ref, *arguments.passed_on, source, str(arguments.path.absolute())],
            Path.cwd(),
        )
    except SetupError as error:
        print(f"{arguments.path} was not given a harness: {error}")
        return 1


def template() -> tuple[str, str]:
    """Return where the engine that runs was installed from, and at which commit.

    Raises:
        SetupError: It does not say.
    """
    if root := checkout():
        return str(root), ""
    try:
        text = importlib.metadata.distribution(ENGINE).read_text("direct_url.json") or "{}"
    except importlib.metadata.PackageNotFoundError:
        text = "{}"
    address = json.loads(text)
    if "vcs_info" in address:
        return f"git+{address['url']}", address["vcs_info"]["commit_id"]
    folder = url2pathname(urlsplit(address.get("url", "")).path)
    if Path(folder, "copier.yml").is_file():
        return folder, ""
    raise SetupError(
        "It is not known where the template is.\n  Fix: name it with --template ADDRESS."
    )
