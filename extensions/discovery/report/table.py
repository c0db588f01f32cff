"""The facts as a table for a person, and what to answer where nothing was found."""

from __future__ import annotations

from typing import Any

from ..code.left_out import LeftOut
from .facts import Facts

# Name, what it is called for a person, and what to answer when it was not found.
ROWS: tuple[tuple[str, str, str], ...] = (
    ("framework", "framework", "name the web framework, or none"),
    ("app_path", "application", "write module:name, or module:name() for a function"),
    ("metadata", "base of the models", "write module:name of the base or MetaData"),
    ("session", "sessions come from", ""),
    ("sync_async", "database access", "sync, async or both"),
    ("db", "database", "sqlite, postgresql or mysql"),
    ("auth", "authentication", "how clients prove who they are, or none"),
    ("login", "login route", "the path that credentials are sent to"),
    ("token_field", "token in the answer", ""),
    ("current_user", "current user", ""),
    ("user_model", "user model", "write module:Class"),
    ("user_login_attribute", "found by", ""),
    ("user_password_attribute", "password is in", ""),
    ("password_hasher", "hashed by", "write module:function"),
    ("role_attribute", "role is in", ""),
    ("admin_role", "administrators are", ""),
    ("protected_path", "needs a user", "a path that a user may GET only when logged in"),
    ("health_path", "is well", ""),
    ("alembic", "migrations", "where alembic.ini is, empty for none"),
    ("create_all", "tables made by create_all", ""),
    ("dependencies", "packages", ""),
    ("python_requires", "Python", ""),
    ("existing_tests", "tests", ""),
    ("coverage", "coverage", ""),
    ("ci", "CI", ""),
    ("csrf", "CSRF", ""),
    ("rate_limit", "rate limit", ""),
    ("trusted_hosts", "trusted hosts", ""),
)
# What nobody has to know of an application without a login.
OF_LOGINS = ("login", "user_model", "password_hasher", "protected_path")
_WIDEST = 58


def report(facts: Facts) -> str:
    """Return what was found, where and how sure, and then what was not."""
    rows = [("what", "found", "where", "how sure")]
    missing = []
    for name, title, answer in ROWS:
        finding = facts[name]
        text = shown(name, finding.value)
        if text:
            rows.append((title, text, finding.where, finding.confidence))
            rows += [("", f"or {value}", where, "") for value, where in finding.others[:2]]
            if finding.note:
                rows.append(("", finding.note, "", ""))
        elif answer and not (name in OF_LOGINS and facts["auth"].value == "none"):
            missing.append(f"  {title}: {answer}")
    rows.append(("mapped classes", f"{len(facts.models)}", "", ""))
    if facts.unregistered:
        rows.append(("", f"not imported: {', '.join(facts.unregistered[:4])}", "", ""))
    rows.append(("imports start from", ", ".join(facts.import_roots) or ".", "", ""))
    for variable in facts.environment:
        rows.append(
            (
                "needs",
                variable["name"],
                variable["why"].partition(": ")[2],
                variable["why"].partition(":")[0],
            )
        )
    for name, finding in sorted(facts.findings.items()):
        if name.startswith("service_"):
            rows.append(("reaches for", name.removeprefix("service_"), finding.where, finding.note))
    for left in facts.left_out:
        rows.append(("left out", left.folder, counted(left), left.why))
    widths = [min(max(len(row[i]) for row in rows), _WIDEST) for i in range(3)]
    lines = [
        "  ".join(
            [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]
        ).rstrip()
        for row in rows
    ]
    lines.insert(1, "-" * len(lines[0]))
    if not facts.python_files:
        lines = ["There is no Python here."]
    if missing:
        lines += ["", "Not found; the template will ask:", *missing]
    return "\n".join([*lines, *([""] if facts.notes else []), *facts.notes])


def counted(left: LeftOut) -> str:
    """Return how much is in a folder that was not read."""
    return f"{left.files} Python file{'s' * (left.files > 1)}" if left.files else ""


def shown(name: str, value: Any) -> str:  # noqa: PLR0911 - one case after another
    """Return a fact in a few words; empty when there is none."""
    if not value:
        return ""
    if name == "metadata":
        return f"{value['base']} ({value['kind']})"
    if name == "session":
        return f"{value['path']} ({value['kind']})"
    if name == "db":
        return f"{', '.join(value['engines'])} with {value['driver'] or 'an unknown driver'}"
    if name == "login":
        fields = ", ".join(value["fields"][:4])
        inside = f" in {value['nested_in']}" if value["nested_in"] else ""
        return f"{value['method']} {value['path']} ({value['encoding']}: {fields}{inside})"
    if name == "alembic":
        where = value["ini"] or value["folder"]
        return f"{where} ({value['flavour']}, {_number(value['revisions'], 'revision')})"
    if name == "dependencies":
        files = [*value["files"][:3], *filter(None, [value["lock"]])]
        return f"{value['manager']}: {', '.join(dict.fromkeys(files))}"
    if name == "existing_tests":
        return _tests(value) if value["present"] else ""
    if name == "coverage":
        return f"{value['file']}" + (f", at least {value['gate']} %" if value["gate"] else "")
    if isinstance(value, list):
        return ", ".join(map(str, value[:4]))
    return "yes" if value is True else str(value)


def _tests(value: dict[str, Any]) -> str:
    beside = ", ".join(value["beside"])
    said = f"{_number(value['files'], 'file')} in {value['dir']}"
    return f"{said}, and more beside the code in {beside}" if beside else said


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
