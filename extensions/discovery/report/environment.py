"""The variables that a test run has to set so that the application can be imported."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..code.source import Source
from ..database.addresses import ADDRESS, unreachable
from ..database.drivers import DIALECTS, KIND
from ..findings import Finding
from ..project.env_examples import Examples
from ..project.settings import Settings
from ..project.variables import Variable
from .placeholders import PASSWORD, STAGES, placeholder

# Without these an application imports and then fails at the first request.
_NEEDED = re.compile(
    r"SECRET|JWT\w*KEY|ALGORITHM|EXPIRE|SALT$|SIGNING|ENCRYPTION_KEY|FERNET"
    r"|^(DB|DATABASE|POSTGRES|PG|MYSQL)_?(HOST|HOSTNAME|SERVER|PORT|USER|USERNAME|PASS|PASSWORD|NAME|DB)$"
    r"|" + ADDRESS.pattern
)
# Credentials for services of others: to set them would switch the services on.
_OTHERS = re.compile(
    r"CLIENT|OAUTH|AWS|S3_|STRIPE|GITHUB|GOOGLE|SLACK|TWILIO|SENDGRID|MAIL|OPENAI|WEBHOOK|CAPTCHA|MINIO"
)
_SENDS_MAIL = (b"smtplib", b"fastapi_mail", b"flask_mail", b"import emails")
_MAIL = (
    (re.compile(r"(SMTP|MAIL)\w*_(HOST|SERVER)$"), "localhost"),
    (re.compile(r"(SMTP|MAIL)\w*_USER(NAME)?$"), "tests"),
    (re.compile(r"(SMTP|MAIL)\w*_PASS(WORD)?$"), PASSWORD),
    (re.compile(r"MAILS?_FROM(_E?MAIL|_ADDRESS)?$|MAIL\w*_SENDER$"), "tests@settings.example.com"),
)
_STAGE = re.compile(r"(\w+_)?(ENV|ENVIRONMENT|STAGE|MODE|CONFIG|PROFILE|SETTINGS)")
_SURELY_STAGE = re.compile(
    r"(APP_|FLASK_|FASTAPI_|PYTHON_|STARLETTE_|LITESTAR_)?(ENV|ENVIRONMENT|STAGE)|APP_MODE|\w+_ENV"
)
_SIGNS = re.compile(
    r"(APP_|AUTH_|JWT_|SESSION_|FLASK_)?(SECRET|SECRET_KEY|SIGNING_KEY)|(ACCESS|REFRESH)_TOKEN_SECRET"
)
_CONVERTS = re.compile(
    rb"replace\(\s*[\"']((?:postgres|postgresql|mysql|sqlite)(?::(?://)?)?)[\"']\s*,\s*f?[\"']\w+\+"
)


def for_tests(
    settings: Settings,
    examples: Examples,
    database: Finding,
    leading: Mapping[str, bool | None],
    *,
    source: Source,
    configurations: Mapping[str, str],
) -> list[dict[str, str]]:
    """Return each variable with a value of the right shape and why it is there.

    Those that lead to a database are always among them, with an address that nothing answers at,
    so that no other file of settings can lead the tests to a real one.

    Args:
        settings: What the application reads.
        examples: What `.env.example` and compose files say.
        database: The database it uses, for addresses that have to look like one.
        leading: The variables that the URLs of its engines come from, each with whether the engine
            is an asynchronous one.
        source: The modules, for what the code compares a variable with.
        configurations: The variables that name a class, each with the one for tests.
    """
    listed = []
    mails = any(not module.aside for module in source.having(*_SENDS_MAIL))
    converts = frozenset(
        match[1].decode()
        for module in source.having(b"replace")
        for match in _CONVERTS.finditer(module.data)
    )
    for variable in sorted(settings.variables.values(), key=lambda v: v.name):
        value = None
        if variable.parts is None:
            value = unreachable(variable, examples, database, leading, converts)
        example = examples.values.get(variable.name, "")
        if KIND.search(variable.name) and database:
            # Otherwise the application would go by its default, with an address of another kind.
            chosen = DIALECTS.get(example.lower()) == database.value["engines"][0]
            value = example if chosen else value
        why = "leads to the database"
        unset = variable.default is None and not variable.optional
        needed = variable.required or (
            unset
            # What signs is often read no sooner than a login wants it.
            and (variable.at_import or _SIGNS.fullmatch(variable.name))
            and _NEEDED.search(variable.name)
            and not _OTHERS.search(variable.name)
        )
        if value is None and needed:
            why = "required" if variable.required else "has no default"
            value = placeholder(variable, examples, database)
            stages = _offered(source, variable.name) if _STAGE.fullmatch(variable.name) else []
            if stages or _SURELY_STAGE.fullmatch(variable.name):
                value = _stage(variable, examples, stages)
        if variable.name in configurations and not variable.optional:
            why, value = "names the configuration", configurations[variable.name]
        if value is None and variable.default == "" and variable.at_import:
            why = "signs, and is empty without it"
            signs = _SIGNS.fullmatch(variable.name)
            value = placeholder(variable, examples, database) if signs else None
        if value is None and _is_production(variable) and example.lower() in STAGES:
            why, value = "is production without it", example
        if value is None and mails and variable.optional and variable.default is None:
            why = "lets mails be sent, which end in the mailbox of the tests"
            value = next((text for name, text in _MAIL if name.search(variable.name)), None)
        if value is not None:
            listed.append(
                {"name": variable.name, "value": value, "why": f"{why}: {variable.where}"}
            )
    return listed


def _is_production(variable: Variable) -> bool:
    """Whether a stage that nobody sets is that of production."""
    is_stage = _STAGE.fullmatch(variable.name.upper())
    return bool(is_stage and str(variable.default or "").lower().startswith(("prod", "live")))


def _offered(source: Source, name: str) -> list[str]:
    """Return the stages that the modules which name a variable know."""
    words = [
        match.decode()
        for module in source.having(name.encode(), name.lower().encode())
        for match in re.findall(rb"[\"']([A-Za-z]{3,12})[\"']", module.data)
    ]
    known = [word for word in dict.fromkeys(words) if word.lower() in STAGES]
    return sorted(known, key=lambda word: STAGES.index(word.lower()))


def _stage(variable: Variable, examples: Examples, offered: list[str]) -> str:
    """Return the stage for tests: never one of production."""
    example = examples.for_tests.get(variable.name) or examples.values.get(variable.name, "")
    if example.lower() in STAGES:
        return example
    return next(iter(offered), "test")
