"""The one list of what the template supports, and what is nearest to what it does not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

SUPPORTED: Mapping[str, tuple[str, ...]] = {
    "framework": ("fastapi",),
    "database_engine": ("sqlite", "postgresql"),
    "mode": ("async", "sync"),
    "auth": ("jwt_bearer", "none"),
}

NEAREST: Mapping[str, str] = {
    "flask": "fastapi",
    "litestar": "fastapi",
    "none": "fastapi",
    "mysql": "postgresql",
    "both": "async",
    "jwt_cookie": "jwt_bearer",
    "session_cookie": "none",
    "api_key": "none",
}

DRIVERS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("sqlite", "async"): ("aiosqlite",),
    ("sqlite", "sync"): ("pysqlite",),
    ("postgresql", "async"): ("asyncpg", "psycopg"),
    ("postgresql", "sync"): ("psycopg", "psycopg2"),
}


def refusal(answer: Any, question: str, answers: Mapping[str, Any] | None = None) -> str:
    """Say why an answer cannot be used, in one sentence, and what to answer instead.

    Args:
        answer: The answer to check.
        question: The question it answers.
        answers: What it has to agree with: `engine` and `mode` for a driver, Copier's
            `_copier_conf` for a folder.

    Returns:
        The message, empty when the answer is fine.
    """
    if question == "driver":
        return _driver_refusal(str(answer), answers or {})
    if question == "tests_dir":
        return _folder_refusal(str(answer), answers or {})
    if answer in SUPPORTED[question]:
        return ""
    nearest = NEAREST.get(str(answer), SUPPORTED[question][0])
    return f"{answer!r} is not supported yet; the nearest choice that is: {nearest}."


def _driver_refusal(driver: str, answers: Mapping[str, Any]) -> str:
    engine, mode = str(answers["engine"]), str(answers["mode"])
    fitting = DRIVERS[engine, mode]
    if driver in fitting:
        return ""
    for (other_engine, other_mode), drivers in DRIVERS.items():
        if driver in drivers and other_engine != engine:
            return f"{driver} is a driver for {other_engine}, not for {engine}: use {fitting[0]}."
        if driver in drivers and other_mode != mode:
            return (
                f"{driver} is a driver for {other_mode} applications, but this one is {mode}: "
                f"use {fitting[0]}, or answer {other_mode}."
            )
    return f"{driver!r} is not supported: use {' or '.join(fitting)}."


def _folder_refusal(folder: str, conf: Mapping[str, Any]) -> str:
    destination = Path(conf["dst_path"])
    # Where the answers are, the files are those of the harness.
    if (destination / conf["answers_file"]).exists() or not (destination / folder).exists():
        return ""
    if (destination / folder).is_dir() and not any((destination / folder).iterdir()):
        return ""
    return f"{folder} is there already and stays as it is: choose another, say {folder}_harness."
