"""A suite that has run tells machines and people what came of it, and which tests there are."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from test_harness.suite.results import keeping, place
from tests.projects import project_in
from tests.worlds import ROOT, build_tree, render, run
from tools.pages import find_browser

pytestmark = pytest.mark.runs

SCHEMA = ROOT / "docs" / "results.schema.json"
CHECK = Path(sys.executable).parent / "check-jsonschema"

ENDS = """
    import os

    import pytest
    from factories import ItemFactory


    def test_passes():
        pass


    def test_fails():
        assert 1 == 2, "one | is not <two>"


    @pytest.fixture
    def broken():
        raise RuntimeError("no set-up")


    def test_is_not_set_up(broken):
        pass


    @pytest.fixture
    def left():
        yield
        raise RuntimeError("no teardown")


    def test_is_not_undone(left):
        pass


    def test_fails_and_is_not_undone(left):
        raise ValueError("first")


    def test_leaves_a_variable():
        os.environ["LEFT"] = "behind"


    @pytest.mark.skip(reason="not today")
    def test_is_skipped():
        pass


    @pytest.mark.xfail(reason="is known")
    def test_is_expected():
        raise ValueError


    @pytest.mark.xfail(reason="was known", strict=False)
    def test_is_mended():
        pass


    @pytest.mark.security
    async def test_asks(client):
        "Whether all is well is told to everybody"
        assert (await client.get("/health")).status_code == 200


    @pytest.mark.parametrize("times", [1, 2])
    async def test_writes(db, times):
        await ItemFactory.create_async()
"""
PLANNED = """\
# What is to come.
test_payments::test_a_payment_is_refused_twice
  kind: api
  route: POST /payments
  what: A second payment is refused

test_ends::test_writes
  kind: api
"""


@dataclass(frozen=True)
class Ran:
    """A project whose tests have run.

    Args:
        project: Its folder.
        python: The Python of its environment.
        page: What was written onto the page of CI.
    """

    project: Path
    python: Path
    page: str

    @property
    def results(self) -> dict[str, Any]:
        """What `--results` wrote."""
        text = (self.project / "out" / "results.json").read_text(encoding="utf-8")
        return json.loads(text)  # type: ignore[no-any-return]

    def harness(self, *arguments: str) -> str:
        """Call the command, and return what it prints."""
        return run(self.python, "-m", "test_harness", *arguments, cwd=self.project).stdout


@pytest.fixture(scope="module")
def ran(template: Path, suite_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A sample with tests that end in every way."""
    folder = tmp_path_factory.mktemp("ran")
    project = render(template, folder / "project", answers_file="fastapi-async-sqlite-open")
    build_tree(
        project,
        {
            "tests/api/test_ends.py": dedent(ENDS),
            "tests/unit/test_broken.py": "import nothing_of_this_name\n",
            "tests/planned.txt": PLANNED,
        },
    )
    page = folder / "page.md"
    page.write_text("Before.\n", encoding="utf-8")
    run(
        suite_python, "-m", "pytest", "-q", "--seed=7", "-n2", "--results=out/results.json",
        "--junit-xml=junit.xml", "--continue-on-collection-errors", "tests/api/test_ends.py",
        "tests/unit/test_broken.py", cwd=project, check=False, GITHUB_STEP_SUMMARY=str(page),
        TEST_HARNESS_BUDGETS_WHOLE_RUN="1",
    )  # fmt: skip
    return Ran(project, suite_python, page.read_text(encoding="utf-8"))


def test_the_results_tell_how_each_test_ended(ran: Ran) -> None:
    results = ran.results
    run(CHECK, "--schemafile", SCHEMA, ran.project / "out" / "results.json", cwd=ran.project)
    assert {test["name"]: (test["outcome"], test["reason"]) for test in results["tests"]} == {
        "test_passes": ("passed", ""),
        "test_fails": ("failed", "AssertionError: one | is not <two>"),
        "test_is_not_set_up": ("error", "RuntimeError: no set-up"),
        "test_is_not_undone": ("error", "RuntimeError: no teardown"),
        "test_fails_and_is_not_undone": ("failed", "ValueError: first"),
        "test_leaves_a_variable": ("passed", ""),
        "test_is_skipped": ("skipped", "not today"),
        "test_is_expected": ("xfailed", "is known"),
        "test_is_mended": ("xpassed", "was known"),
        "test_asks": ("passed", ""),
        "test_writes[1]": ("passed", ""),
        "test_writes[2]": ("passed", ""),
    }
    [asking] = [test for test in results["tests"] if test["name"] == "test_asks"]
    assert (asking["kind"], asking["cost"]["asked"]) == ("security", ["GET /health"])
    [leaking] = [test for test in results["tests"] if test["leaks"]]
    assert leaking["name"] == "test_leaves_a_variable"
    [leak] = leaking["leaks"]
    assert leak["kind"] == "environment"
    assert leak["said"].startswith("changes the environment variable LEFT: unset -> 'behind' (")
    assert (results["seed"], results["workers"], results["exit_status"]) == (7, 2, 1)
    assert [it["suite"] for it in results["not_collected"]] == ["tests/unit/test_broken.py"]
    assert (ran.project / "junit.xml").exists()


def test_the_page_of_ci_is_added_to(ran: Ran) -> None:
    assert ran.page.startswith("Before.\n## Tests: red\n")
    said = "AssertionError: one \\| is not &lt;two>"
    assert f"| `tests/api/test_ends.py::test_fails` | {said} |" in ran.page
    assert "| `tests/api/test_ends.py::test_leaves_a_variable` | changes the environ" in ran.page
    assert "- The run took " in ran.page


@pytest.fixture(scope="module")
def said_of_inventory(ran: Ran) -> str:
    """What is said when the inventory is written in every form."""
    forms = {"json": "json", "markdown": "md", "html": "html"}
    return ran.harness(
        "inventory", *(f"--{form}=out/inventory.{end}" for form, end in forms.items())
    )


def test_the_inventory_has_every_case_and_what_it_reaches(ran: Ran, said_of_inventory: str) -> None:
    found = json.loads((ran.project / "out" / "inventory.json").read_text(encoding="utf-8"))

    states = {
        case["name"]: case["state"]
        for case in found["cases"]
        if case["suite"] in {"tests/api/test_ends.py", "test_payments.py"}
    }
    assert states == {
        "test_passes": "passing",
        "test_fails": "failing",
        "test_is_not_set_up": "failing",
        "test_is_not_undone": "failing",
        "test_fails_and_is_not_undone": "failing",
        "test_leaves_a_variable": "passing",
        "test_is_skipped": "skipped",
        "test_is_expected": "xfail",
        "test_is_mended": "passing",
        "test_asks": "passing",
        "test_writes[1]": "passing",
        "test_writes[2]": "passing",
        "test_a_payment_is_refused_twice": "planned",
    }
    assert {case["state"] for case in found["cases"] if "checks" in case["suite"]} == {"not run"}
    [asking] = [case for case in found["cases"] if case["name"] == "test_asks"]
    assert asking["what"] == "Whether all is well is told to everybody"
    routes = {row["route"]: (row["kinds"], row["planned"]) for row in found["routes"]}
    assert routes["GET /health"] == ({"security": 1}, 0)
    assert routes["POST /payments"] == ({}, 1)
    assert [path for path in routes if "docs" in path] == []
    models = {row["model"]: (row["kinds"], row["writes"]) for row in found["models"]}
    assert models["Item"] == ({"api": 2}, 2)
    assert [it["suite"] for it in found["not_collected"]] == ["tests/unit/test_broken.py"]

    # What is built is planned no more, and what stands beside it stays.
    kept = (ran.project / "tests" / "planned.txt").read_text(encoding="utf-8")
    assert kept == PLANNED.partition("test_ends")[0]
    assert (
        "Taken out of planned.txt, for there is a test: test_ends::test_writes" in said_of_inventory
    )
    document = (ran.project / "out" / "inventory.md").read_text(encoding="utf-8")
    assert "| `test_writes` (2 cases) | api | passing |  |" in document
    assert "| `POST /payments` |  |" in document


def test_what_tests_cost_is_shown(ran: Ran) -> None:
    said = ran.harness("performance", "--html=out/performance.html")
    assert re.search(
        r"^ +\d+\.\d{3} s  tests/api/test_ends.py::test_writes\[1\]$", said, re.MULTILINE
    )
    assert "The run took " in said
    results = json.loads(ran.harness("performance", "--json"))
    assert results["tests"] == ran.results["tests"]


# ------------------------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browse() -> Callable[[Path, str], str]:
    """Return a function that opens a page and returns what stands in it once its script ran."""
    browser = find_browser()
    if browser is None:
        pytest.skip("there is no Chromium")

    def dump(page: Path, fragment: str) -> str:
        log = run(
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
            "--dump-dom", f"{page.as_uri()}#{fragment}", cwd=page.parent,
        ).stdout  # fmt: skip
        # Nothing was refused, because nothing was asked for, and no script broke.
        assert ":CONSOLE" not in log, log
        return log

    return dump


def shown_rows(dom: str) -> list[str]:
    """Return the names of the tests whose rows are shown."""
    rows = re.findall(r"<tr (data-text=[^>]*)>.*?<code>(\w+)", dom, re.DOTALL)
    return [name for attributes, name in rows if "hidden" not in attributes]


def test_the_inventory_is_searched_and_filtered_in_a_browser(
    ran: Ran, said_of_inventory: str, browse: Callable[[Path, str], str]
) -> None:
    page = ran.project / "out" / "inventory.html"
    assert page.as_uri() in said_of_inventory

    # What is fine is folded until it is looked for.
    group = "tests/checks/test_health_async.py"
    assert f'<details data-group="{group}">' in page.read_text(encoding="utf-8")
    searched = browse(page, "q=test_health_async+answers&theme=dark")
    assert shown_rows(searched) == ["test_the_health_route_answers"]
    assert f'<details data-group="{group}" open="">' in searched
    assert 'data-theme="dark"' in searched
    assert '<span data-shown="yes">1</span>' in searched

    filtered = browse(page, "state=skipped,xfail&kind=api&q=test_ends&theme=light")
    assert shown_rows(filtered) == ["test_is_skipped", "test_is_expected"]
    assert 'data-theme="light"' in filtered
    assert re.search(r'data-value="xfail" aria-pressed="true"', filtered)


def test_the_page_of_what_tests_cost_is_searched_in_a_browser(
    ran: Ran, browse: Callable[[Path, str], str]
) -> None:
    page = ran.project / "out" / "performance.html"
    ran.harness("performance", f"--html={page}")
    assert shown_rows(browse(page, "q=asks&kind=security")) == ["test_asks"]


# --------------------------------------------------------------- last, for it runs tests again


def test_what_did_not_run_this_time_is_still_known(ran: Ran) -> None:
    before = len(ran.results["tests"])
    run(ran.python, "-m", "pytest", "-q", "tests/api/test_ends.py", "-k", "passes", cwd=ran.project)
    kept = ran.project / ".pytest_cache" / "d" / "test_harness"
    with project_in(ran.project / "tests"):
        assert place.kept_in() == kept
    assert [it["name"] for it in keeping.read_run(kept)["tests"]] == ["test_passes"]
    known = {it["name"]: it["outcome"] for it in keeping.read_last(kept)}
    assert (len(known), known["test_fails"]) == (before, "failed")
    assert [it["totals"]["tests"] for it in keeping.read_history(kept)] == [before, 1]
