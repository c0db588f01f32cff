"""The facts as the questions want them: one plain value for each, empty when there is none."""

from __future__ import annotations

from typing import Any

from .facts import Facts

_STYLES = ("jwt_bearer", "jwt_cookie", "session_cookie", "api_key", "http_basic")
_ENCODINGS = ("json", "form", "basic", "query")
# By the service that is found. What is sent there by a test would be somebody's otherwise.
_DOUBLES = {
    "smtp": "mail", "s3": "storage", "redis": "redis", "celery": "celery", "rq": "rq",
    "arq": "arq", "dramatiq": "dramatiq", "elasticsearch": "search",
    "mongodb": "mongodb", "rabbitmq": "rabbitmq",
}  # fmt: skip


def proposals(facts: Facts) -> dict[str, Any]:
    """Return a proposal for each question that the code has something to say about."""
    database = facts["db"].value or {}
    login = facts["login"].value or {}
    metadata = facts["metadata"].value or {}
    alembic = facts["alembic"].value or {}
    style = facts["auth"].value
    encoding = login.get("encoding", "")
    obstacle = _login_obstacle(facts)
    api_key = facts["api_key"].value or {}
    return {
        "framework": facts["framework"].value,
        "layers": facts.layers,
        "coverage_gate": (facts["coverage"].value or {}).get("gate", 0),
        "app_path": facts["app_path"].value,
        "metadata_path": metadata.get(
            "metadata" if metadata.get("kind") == "advanced-alchemy" else "base", ""
        ),
        "database_engine": next(iter(database.get("engines", ())), ""),
        "mode": facts["sync_async"].value,
        "databases": (facts["further"].value or {}).get("databases", []),
        "further_bases": (facts["further"].value or {}).get("also", []),
        "database_driver": database.get("driver", ""),
        "sync_driver": facts["sync_driver"].value,
        "login_obstacle": obstacle,
        "auth": style if style in _STYLES else "none" if style else "",
        "user_model": facts["user_model"].value,
        "user_login_attribute": facts["user_login_attribute"].value,
        "user_password_attribute": facts["user_password_attribute"].value,
        "user_flags": facts["user_flags"].value or [],
        "asked_flags": facts["asked_flags"].value or [],
        "role_attribute": facts["role_attribute"].value,
        "admin_role": facts["admin_role"].value,
        "password_hasher": facts["password_hasher"].value,
        "login_path": login.get("path", ""),
        "login_encoding": encoding if encoding in _ENCODINGS else "",
        "login_field": login.get("login_field", ""),
        "password_field": login.get("password_field", ""),
        "login_nested_in": login.get("nested_in", ""),
        "csrf_field": facts["csrf_field"].value,
        "token_field": facts["token_field"].value,
        "header_prefix": facts["header_prefix"].value,
        "access_cookie": facts["access_cookie"].value,
        "refresh_cookie": facts["refresh_cookie"].value,
        "session_cookie": facts["session_cookie"].value,
        "csrf_cookie": facts["csrf_cookie"].value,
        "csrf_header": facts["csrf_header"].value,
        "token_key": facts["token_key"].value,
        "api_key_in": api_key.get("in", ""),
        "api_key_name": api_key.get("name", ""),
        "api_key_attribute": api_key.get("attribute", ""),
        "protected_path": facts["protected_path"].value,
        "doubles": [double for service, double in _DOUBLES.items() if facts[f"service_{service}"]],
        "health_path": facts["health_path"].value,
        "flows": _flows(facts),
        # Without a revision there is nothing to run: then the models make the tables.
        "migrations": (alembic.get("ini") or "") if alembic.get("revisions") else "",
        "import_roots": facts.import_roots,
        "environment": facts.environment,
        "python_requires": facts["python_requires"].value,
    }


def _flows(facts: Facts) -> dict[str, Any]:
    found = {
        name.removeprefix("flow_"): finding.value
        for name, finding in facts.findings.items()
        if name.startswith("flow_") and finding
    }
    # What is sent some other way than by SMTP, no test gets to read.
    needs = () if facts["service_smtp"] else ("verify_", "reset_", "mail_", "invite_")
    return {name: value for name, value in found.items() if not name.startswith(needs or "-")}


def _login_obstacle(facts: Facts) -> str:
    """Say what about the login the harness cannot do; empty when it can."""
    login = facts["login"].value or {}
    path = login.get("path", "")
    obstacles = {
        "its path has parameters": "{" in path or "<" in path,
        "it is no POST": login.get("method", "POST") != "POST",
        "credentials are sent in a way that could not be read": login
        and login.get("encoding") not in _ENCODINGS,
    }
    return next((obstacle for obstacle, there in obstacles.items() if there), "")
