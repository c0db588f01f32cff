"""What the files of the harness do not know of yet is said at the end of any run, a line each."""

from __future__ import annotations

import importlib.metadata
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute

from test_harness import drift
from test_harness.walk.unsaid import routes_unsaid
from tests.projects import harness_toml, project_in
from tests.worlds import build_tree, render, run

ENGINE = "test-harness[http] @ git+https://example.com/us/test-harness.git@{}  # 0.2.0\n"
MODEL = """

class Gadget(Base):
    \"\"\"New.\"\"\"

    __tablename__ = "gadgets"

    id: Mapped[int] = mapped_column(primary_key=True)
"""
ROUTE = """

@router.get("/gadgets")
async def gadgets() -> list[str]:
    \"\"\"New.\"\"\"
    return []
"""


@pytest.fixture
def tests(tmp_path: Path) -> Iterator[Path]:
    folder = build_tree(tmp_path, {"tests/harness.toml": harness_toml()}) / "tests"
    with project_in(folder):
        yield folder


def installed(monkeypatch: pytest.MonkeyPatch, **vcs: str) -> None:
    class Distribution:
        def read_text(self, name: str) -> str:
            assert name == "direct_url.json"
            return json.dumps({"url": "https://example.com", "vcs_info": vcs} if vcs else {})

    monkeypatch.setattr(importlib.metadata, "distribution", lambda name: Distribution())


@pytest.mark.parametrize("asked", ["v1.2.0", "a" * 40])
def test_an_engine_of_another_commit_is_named(
    tests: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    build_tree(tests, {"requirements.txt": ENGINE.format(asked)})
    installed(monkeypatch, requested_revision="v1.1.0", commit_id="b" * 40)
    assert list(drift.of_the_engine()) == [
        f"the engine is of bbbbbbbbb, and tests/requirements.txt asks for {asked[:9]}: "
        "`test-harness install` brings it."
    ]


@pytest.mark.parametrize(
    ("line", "vcs"),
    [
        (ENGINE.format("v1.2.0"), {"requested_revision": "v1.2.0", "commit_id": "b" * 40}),
        (ENGINE.format("b" * 40), {"requested_revision": "main", "commit_id": "b" * 40}),
        (ENGINE.format("v1.2.0"), {}),
        ("test-harness[http] @ file:///clone  # 0.2.0\n", {"commit_id": "b" * 40}),
        ("test-harness==0.2.0\n", {"commit_id": "b" * 40}),
    ],
)
def test_the_engine_that_is_asked_for_or_a_local_one_is_quiet(
    tests: Path, monkeypatch: pytest.MonkeyPatch, line: str, vcs: dict[str, str]
) -> None:
    build_tree(tests, {"requirements.txt": line})
    installed(monkeypatch, **vcs)
    assert list(drift.of_the_engine()) == []


def test_routes_that_nobody_has_said_anything_of_are_told(tests: Path) -> None:
    async def answer(request: object) -> PlainTextResponse:
        return PlainTextResponse("")

    app = Starlette(
        routes=[
            Route("/known", answer),
            Route("/reviewed", answer),
            Route("/new", answer, methods=["POST"]),
            WebSocketRoute("/socket", answer),
            Mount("/inner", routes=[Route("/deep/{id:int}", answer)]),
        ]
    )
    assert routes_unsaid(app) == []
    build_tree(
        tests,
        {
            "requests.toml": '["GET /known"]\nas = "anonymous"\n',
            "access.toml": '[reviewed]\n"GET /reviewed" = { everyone = 200 }\n',
        },
    )
    assert routes_unsaid(app) == ["POST /new", "GET /inner/deep/{id}"]


@pytest.mark.runs
def test_a_run_without_the_checks_says_what_has_drifted_and_one_with_them_says_it_once(
    template: Path, tmp_path: Path, suite_python: Path
) -> None:
    project = render(template, tmp_path / "project", database_engine="sqlite")
    command = (suite_python, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "test harness:" not in run(*command, "tests/api/test_health.py", cwd=project).stdout
    for name, added in (("models/item.py", MODEL), ("routers/health.py", ROUTE)):
        path = project / "app" / name
        path.write_text(path.read_text(encoding="utf-8") + added, encoding="utf-8")
    said = run(*command, "tests/api/test_health.py", cwd=project).stdout
    assert re.findall(r"^test harness: (.*)$", said, re.MULTILINE) == [
        "model Gadget without a factory: `test-harness factories` writes one.",
        "route GET /gadgets without a line in access.toml: `test-harness routes` adds it, for you "
        "to review.",
    ]
    checks = (f"tests/checks/test_{name}_async.py" for name in ("factories", "routes"))
    said = run(*command, *checks, "-k", "somebody", cwd=project, check=False).stdout
    assert "There is no factory for app.models.item:Gadget." in said
    assert "test harness:" not in said
    assert run(*command, "tests/unit", cwd=project).stdout.count("test harness:") == 0
