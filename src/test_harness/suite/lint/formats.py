"""Findings as people, programs, code scanners and GitHub read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from test_harness.suite.lint.finding import Finding
from test_harness.suite.lint.rules.registry import RULES
from test_harness.version import __version__

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def text(findings: Sequence[Finding]) -> str:
    """Return one line for each: `file:line:column: code message Fix: ...`."""
    return "\n".join(
        f"{one.path}:{one.line}:{one.column}: {one.code} {_said(one)}" for one in findings
    )


def as_json(findings: Sequence[Finding]) -> str:
    """Return a list of objects, with the names that ruff has for theirs."""
    return json.dumps(
        [
            {
                "code": one.code,
                "message": one.message,
                "fix": one.fix,
                "filename": one.path,
                "location": {"row": one.line, "column": one.column},
                "test": one.test,
            }
            for one in findings
        ],
        indent=2,
    )


def sarif(findings: Sequence[Finding]) -> str:
    """Return SARIF 2.1.0, for code scanning."""
    known = {rule.code: rule for rule in RULES}
    used = sorted({one.code for one in findings})
    rules: list[dict[str, Any]] = [
        {
            "id": code,
            "name": known[code].name if code in known else code,
            "shortDescription": {"text": known[code].name if code in known else code},
            "help": {"text": known[code].fix if code in known else f"See ruff's page of {code}."},
        }
        for code in used
    ]
    results = [
        {
            "ruleId": one.code,
            "ruleIndex": used.index(one.code),
            "level": "warning",
            "message": {"text": _said(one)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": one.path},
                        "region": {"startLine": one.line, "startColumn": one.column},
                    }
                }
            ],
        }
        for one in findings
    ]
    driver = {"name": "test-harness lint", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def github(findings: Sequence[Finding]) -> str:
    """Return annotations, which GitHub shows beside the lines."""
    return "\n".join(
        f"::error file={_property(one.path)},line={one.line},col={one.column},"
        f"title={_property(one.code)}::{_escaped(_said(one))}"
        for one in findings
    )


FORMATS: dict[str, Callable[[Sequence[Finding]], str]] = {
    "text": text,
    "json": as_json,
    "sarif": sarif,
    "github": github,
}


def _said(finding: Finding) -> str:
    return f"{finding.message} Fix: {finding.fix}" if finding.fix else finding.message


def _escaped(said: str) -> str:
    return said.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(said: str) -> str:
    return _escaped(said).replace(":", "%3A").replace(",", "%2C")
