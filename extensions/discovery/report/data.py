"""All facts for a program, with the place and the confidence of each beside them."""

from __future__ import annotations

from typing import Any

from .facts import Facts
from .proposals import proposals


def as_data(facts: Facts) -> dict[str, Any]:
    """Return all facts for a program, with the place and the confidence of each beside them."""
    login = facts["login"].value
    return {
        "framework": facts["framework"].value or None,
        "app": facts["app"].value or None,
        "metadata": facts["metadata"].value or None,
        "session": facts["session"].value or None,
        "sync_async": facts["sync_async"].value or None,
        "db": facts["db"].value or None,
        "auth": {
            "style": facts["auth"].value or None,
            "accepts": facts["accepts"].value or [],
            "login": login or None,
            "current_user": facts["current_user"].value or None,
            "logout": facts["logout_path"].value or None,
            "refresh": facts["refresh_path"].value or None,
            "token_field": facts["token_field"].value or None,
            "header_prefix": facts["header_prefix"].value or None,
            "cookies": facts["cookies"].value or [],
        },
        "user_model": facts["user_model"].value or None,
        "models": {
            "count": len(facts.models),
            "list": facts.models,
            "not_imported": facts.unregistered,
        },
        "alembic": facts["alembic"].value or None,
        "dependencies": facts["dependencies"].value or None,
        "python_requires": facts["python_requires"].value or None,
        "existing_tests": facts["existing_tests"].value or None,
        "layers": facts.layers,
        "proposals": proposals(facts),
        "findings": {name: found.as_data() for name, found in sorted(facts.findings.items())},
        "notes": facts.notes,
    }
