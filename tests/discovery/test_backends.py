"""Each backend of tests/backends: everything that is found of it is what there is.

What is expected lies beside each backend, in `<name>.facts.json`, so that the backend itself stays
as a team would have it; what only running it tells is in `<name>.observed.json`, for its adoption.
`python -m tests.discovery.test_backends NAME` shows what is found now.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from extensions.discovery import Facts, as_data, discover
from tests.worlds import ROOT, files_of

BACKENDS = ROOT / "tests" / "backends"
NAMES = sorted(path.name for path in BACKENDS.iterdir() if path.is_dir())
OBSTACLES = ("captcha", "csrf", "rate_limit", "trusted_hosts")


def summary(root: Path) -> dict[str, Any]:
    """Return every fact about a backend, without the places."""
    facts = Facts(root)
    data = as_data(facts)
    database = data["db"] or {}
    session = data["session"] or {}
    return {
        **data["proposals"],
        "also": (data["app"] or {}).get("also", []),
        "metadata": (data["metadata"] or {}).get("metadata"),
        "engines": database.get("engines", []),
        "session": session.get("path"),
        "session_kind": session.get("kind"),
        "models": data["models"]["list"],
        "not_imported": data["models"]["not_imported"],
        "accepts": sorted(data["auth"]["accepts"]),
        "login_nested_in": (data["auth"]["login"] or {}).get("nested_in", ""),
        "current_user": data["auth"]["current_user"],
        "header_prefix": data["auth"]["header_prefix"],
        "alembic": data["alembic"],
        "create_all": bool(facts["create_all"]),
        "dependencies": data["dependencies"],
        "existing_tests": data["existing_tests"],
        "obstacles": [name for name in OBSTACLES if facts[name]],
        "services": sorted(n[8:] for n in facts.findings if n.startswith("service_")),
    }


@pytest.mark.parametrize("name", NAMES)
def test_what_is_found_is_what_there_is(name: str) -> None:
    expected = json.loads((BACKENDS / f"{name}.facts.json").read_text(encoding="utf-8"))
    found = summary(BACKENDS / name)
    wrong = {key: (value, found.get(key)) for key, value in expected.items() if found[key] != value}
    assert wrong == {}, "each as (expected, found)"
    assert found.keys() == expected.keys()


@pytest.mark.parametrize("name", ["harbour", "lounge", "pantry"])
def test_a_checkout_with_the_line_endings_of_windows_is_read_the_same(
    tmp_path: Path, name: str
) -> None:
    for path, content in files_of(BACKENDS / name).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        is_text = b"\0" not in content and b"\r" not in content
        (tmp_path / path).write_bytes(content.replace(b"\n", b"\r\n") if is_text else content)
    assert summary(tmp_path) == summary(BACKENDS / name)


@pytest.mark.parametrize("name", NAMES)
def test_reading_leaves_a_backend_as_it_is(name: str) -> None:
    before = files_of(BACKENDS / name)
    stored = discover(BACKENDS / name)
    assert files_of(BACKENDS / name) == before
    assert json.loads(json.dumps(stored)) == stored
    assert len(json.dumps(stored)) < 5000


@pytest.mark.parametrize("name", NAMES)
def test_every_place_that_is_named_is_there(name: str) -> None:
    for title, finding in Facts(BACKENDS / name).findings.items():
        if finding.where:
            file, _, line = finding.where.rpartition(":")
            lines = (BACKENDS / name / file).read_bytes().splitlines()
            assert 1 <= int(line) <= max(len(lines), 1), (title, finding.where)


if __name__ == "__main__":
    print(json.dumps(summary(BACKENDS / sys.argv[1]), indent=2))
