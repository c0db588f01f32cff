"""No answer that discovery proposes is refused by the question that it is for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment, StrictUndefined

from extensions import questions as decisions
from extensions.discovery import discover
from extensions.discovery.auth.lifecycle import WANTED
from extensions.questions.support import FLOW_KEYS
from tests.discovery.snippets import LOGS_OUT
from tests.discovery.test_backends import BACKENDS, NAMES
from tests.worlds import ROOT, build_tree, questions

# The patterns of the questions have backslashes that Jinja reads as Python does.
pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning")

_READ_AS: Mapping[str, Callable[[str], Any]] = {
    "yaml": yaml.safe_load,
    "int": int,
    "bool": lambda text: text == "True",
}
# What they are made of follows from the answers, and nothing of it is refused.
_COMPUTED = ("computed.yml", "files.yml", "messages.yml")


def asked(root: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the answers that follow from what was read of a backend, and which are refused."""
    environment = Environment(
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - nothing here is a page
    )
    environment.filters.update({name: getattr(decisions, name) for name in decisions.__all__})
    computed = {
        name
        for file in _COMPUTED
        for name in yaml.safe_load((ROOT / "questions" / file).read_text(encoding="utf-8"))
    }
    conf = {
        "defaults": True, "dst_path": root, "src_path": ROOT, "answers_file": ".copier-answers.yml",
    }  # fmt: skip
    answers: dict[str, Any] = {"found": discover(root), "_copier_conf": conf, "_folder_name": "x"}
    found = {}

    def rendered(value: Any) -> Any:
        if isinstance(value, str):
            return environment.from_string(value).render(answers)
        return value

    for name, question in questions().items():
        if name in computed or name.startswith("_") or name in answers:
            continue
        value = rendered(question.get("default", ""))
        if isinstance(value, str):
            kind = "yaml" if question.get("multiselect") else question["type"]
            value = _READ_AS.get(kind, str)(value)
        answers[name] = value
        if rendered(question.get("when", True)) not in (True, "True"):
            continue
        message = rendered(question.get("validator", ""))
        choices = question.get("choices", [])
        known = [
            one["value"] if isinstance(one, dict) else one
            for one in (choices.values() if isinstance(choices, dict) else choices)
        ]
        strangers = [
            one for one in (value if isinstance(value, list) else [value]) if one not in known
        ]
        if message or (known and strangers):
            found[name] = message or f"not among {known}: {strangers}"
    return answers, found


def refused(root: Path) -> dict[str, str]:
    """Return what the questions say to the answers that they refuse."""
    return asked(root)[1]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_is_read_of_a_backend_is_refused(name: str) -> None:
    assert refused(BACKENDS / name) == {}


def test_the_questions_know_each_route_around_a_login() -> None:
    said = {f"{name}_{what}" for name, what in product(WANTED, ("path", "payload", "status"))}
    assert said <= set(FLOW_KEYS)


@pytest.mark.parametrize(
    ("taken", "payload"),
    [
        ("body: Logout", {"refresh_token": "$token"}),
        ("refresh_token: str = Body(embed=True)", {"refresh_token": "$token"}),
        ("refresh_token: str = Form()", {"refresh_token": "$token"}),
        ("token: str = Body(), device: str = Body('')", {"token": "$access"}),
        ("body: Logout = Body(embed=True)", {"body": {"refresh_token": "$token"}}),
        ("body: Everywhere", {}),
        ("", None),
    ],
)
def test_a_logout_is_called_with_its_body(
    tmp_path: Path, taken: str, payload: dict[str, Any] | None
) -> None:
    root = build_tree(tmp_path, {"main.py": LOGS_OUT.replace("TAKEN", taken)})
    flows = discover(root)["flows"]
    assert flows["logout_path"] == "/logout"
    said = flows.get("logout_payload")
    assert (None if said is None else json.loads(said)) == payload
    assert refused(root) == {}


@pytest.mark.parametrize(
    ("column", "answer"),
    [
        ("role: Mapped[str]", "admin"),
        ("role: Mapped[str] = mapped_column(Enum('clerk', 'chief'))", "chief"),
        ("role: Mapped[str] = mapped_column(Enum('clerk', 'cook'))", ""),
    ],
)
def test_no_role_is_answered_that_the_application_does_not_have(
    tmp_path: Path, column: str, answer: str
) -> None:
    code = LOGS_OUT.replace("TAKEN", "").replace("email: Mapped", f"{column}\n    email: Mapped")
    answers, refusals = asked(build_tree(tmp_path, {"main.py": code}))
    assert (answers["role_attribute"], answers["admin_role"]) == ("role", answer)
    assert refusals == {}
