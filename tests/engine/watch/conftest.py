"""Plugins of pytest that a project may have, beside the environment of these tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.worlds import ROOT, run
from tools.environments import UV


@pytest.fixture(scope="session")
def with_plugins(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What PYTHONPATH is for a project with these plugins, and with more that draws by chance."""
    folder = tmp_path_factory.mktemp("plugins")
    wanted = ["pytest-randomly", "pytest-rerunfailures", "numpy", "polyfactory"]
    run(
        UV, "pip", "install", "--quiet", "--python", sys.executable, "--no-deps",
        "--target", folder, *wanted, cwd=folder,
    )  # fmt: skip
    return os.pathsep.join([str(ROOT / "src"), str(folder)])


@pytest.fixture(scope="session")
def without_plugins(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What PYTHONPATH is for a project without them."""
    return str(Path(ROOT, "src"))


@pytest.fixture(scope="module", autouse=True)
def of_the_order(in_any_order: None) -> None:
    """What runs here looks at the order itself."""
