"""What is rendered, and the tests of the samples, are not weak."""

from __future__ import annotations

from pathlib import Path

import pytest

from test_harness.suite.lint.linting import Linter, lint
from test_harness.suite.reading.configuration import Configuration
from test_harness.suite.reading.files import files_of_tests
from tests.worlds import ROOT, render


@pytest.mark.parametrize("folder", ["samples", "template"])
def test_nothing_of_ours_is_weak(folder: str) -> None:
    # In a project the harness is there, which seeds random values.
    settings = Configuration(ROOT / folder, has_harness=True)
    files = files_of_tests([], settings)
    assert len(files) > 20
    assert [str(one) for one in lint(files, Linter(settings, ROOT))] == []


@pytest.mark.runs
def test_a_rendered_project_is_not_weak(template: Path, tmp_path: Path) -> None:
    project = render(template, tmp_path / "project", sample_application=True, mode="async")
    settings = Configuration(project, has_harness=True)
    files = files_of_tests([project / "tests"], settings)
    assert [str(one) for one in lint(files, Linter(settings, project))] == []
