"""What a person reads before the questions: each fact in a line, and what was not found."""

from __future__ import annotations

from ..findings import Finding
from ..project.present import folder_for_tests
from .answers import no_database
from .facts import Facts
from .proposals import proposals
from .table import OF_LOGINS, counted, shown

_SURE = {"high": "sure", "medium": "likely", "low": "a guess"}
# Name, the question that corrects it, and whether the questions cannot do without it.
_ROWS = (
    ("framework", "framework", True),
    ("app_path", "app_path", True),
    ("metadata", "metadata_path", True),
    ("db", "database_engine", True),
    ("sync_async", "mode", True),
    ("alembic", "migrations", False),
    ("auth", "auth", False),
    ("login", "login_path", False),
    ("user_model", "user_model", False),
    ("password_hasher", "password_hasher", False),
    ("role_attribute", "role_attribute", False),
    ("protected_path", "protected_path", False),
    ("health_path", "health_path", False),
    ("existing_tests", "your own tests", False),
)
_OF_DATABASES = ("metadata_path", "database_engine", "mode")
_WIDEST = 64


def message(facts: Facts) -> str:
    """Return what was found, where and how sure, and what to answer where nothing was."""
    if not facts.python_files:
        first = "There is no Python application here yet."
        if not facts.left_out:
            first += " You get a small one, with tests, to begin with."
        return "\n".join([first, *_left_out(facts)])
    proposed = proposals(facts)
    lines, missing = [], []
    for name, question, needed in _ROWS:
        finding = facts[name]
        text = shown(name, finding.value)
        if text:
            lines.append(_line(question, text, finding))
        elif needed and not (name == "app_path" and proposed["framework"] == "none"):
            missing.append(question)
    if no_database(facts):
        missing = [name for name in missing if name not in _OF_DATABASES]
    if missing:
        lines.append(f"  {'not found:':18} {', '.join(missing)}")
    lines += [_line(*row, Finding()) for row in _remarks(facts, proposed)]
    files = f"{facts.python_files} Python file{'s' * (facts.python_files > 1)}"
    first = f"Read from {files}; `--data NAME=ANSWER` corrects a line."
    return "\n".join([first, *lines, "No file that is here already will be changed."])


def _line(title: str, text: str, finding: Finding) -> str:
    text = text if len(text) <= _WIDEST else text[: _WIDEST - 3] + "..."
    place = f"  ({finding.where or 'inferred'}, {_SURE[finding.confidence]})" if finding else ""
    return f"  {title + ':':18} {text}{place}"


def _remarks(facts: Facts, proposed: dict[str, object]) -> list[tuple[str, str]]:
    """Return what will not be tested and why, and what a test run has to be given."""
    remarks = []
    style = str(proposed["auth"])
    wanted = (*OF_LOGINS, "token_field") if style == "jwt_bearer" else OF_LOGINS
    lacking = [name for name in wanted if not facts[name]]
    if style not in ("", "none", "api_key", "http_basic"):
        if proposed["login_obstacle"]:
            remarks.append(("no login checks", str(proposed["login_obstacle"])))
        elif lacking:
            remarks.append(("no login checks", f"not found: {', '.join(lacking)}"))
    if no_database(facts):
        remarks.append(("no database", "nothing to isolate; it is started, asked and locked in"))
    alembic = facts["alembic"].value or {}
    if alembic and not proposed["migrations"]:
        why = "there is no alembic.ini" if alembic.get("revisions") else "there are no revisions"
        remarks.append(("tables", f"made from the models: {why}"))
    further = facts["further"].value or {}
    remarks += [
        (f"database {one['name']}", f"{one['metadata']}, in a test database of its own")
        for one in further.get("databases", ())
    ]
    if further.get("also"):
        remarks.append(("also its tables", ", ".join(further["also"])))
    if further.get("left_out"):
        bases = ", ".join(further["left_out"])
        remarks.append(("left out", f"{bases}: add [databases.NAME] to harness.toml"))
    if facts.unregistered:
        modules = ", ".join(facts.unregistered)
        remarks.append(("not imported", f"{modules}: of what is mapped there nothing is tested"))
    if facts.environment:
        names = ", ".join(variable["name"] for variable in facts.environment)
        remarks.append((f"test.env sets {len(facts.environment)}", names))
    services = [name[8:] for name in sorted(facts.findings) if name.startswith("service_")]
    if services:
        remarks.append(("also reaches for", ", ".join(services)))
    tests = str((facts["existing_tests"].value or {}).get("dir") or "")
    folder, is_packaged = folder_for_tests(facts.root, tests)
    if is_packaged:
        remarks.append(("in what is built", f"{folder} as well: name it in `exclude` of packages"))
    remarks += [("left out", text) for text in _left_out(facts)]
    return remarks


def _left_out(facts: Facts) -> list[str]:
    """Return a line on the folders that would be the application if something imported them."""
    unread = [f"{left.folder} ({counted(left)})" for left in facts.left_out if left.files]
    return [f"Nothing imports {', '.join(unread)}."] if unread else []
