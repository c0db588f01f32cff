"""Values of the shape that a variable wants, and no secret of anybody."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from ..database.addresses import ADDRESS, PASSWORD_NAME, url
from ..findings import Finding
from ..project.env_examples import Examples
from ..project.variables import Variable

# The stages that an application may know, the best for tests first.
STAGES = ("test", "testing", "tests", "unittest", "dev", "develop", "development", "local")
SECRET = "only-for-tests-0123456789abcdef0123456789abcdef0123456789abcdef"  # noqa: S105 - nobody has it
FERNET = "b25seS1mb3ItdGVzdHMtMDEyMzQ1Njc4OWFiY2RlZjA="
# Long enough, and nobody has it. Nothing in it has to be quoted in an address, which Alembic could
# not read then.
PASSWORD = "Only-for-tests-0123"  # noqa: S105
_REDIS = "redis://localhost:6379/0"
_EMAIL = re.compile(r"E?MAIL(_ADDRESS)?$|MAIL_FROM$|SENDER$|FIRST_SUPERUSER$")
_SHAPES = (
    (re.compile(r"ALGORITHM"), "HS256"),
    (re.compile(r"LOG\w*LEVEL"), "INFO"),
    (re.compile(r"TIME_?ZONE|^TZ$"), "UTC"),
    (re.compile(r"DOMAIN"), "localhost"),
)


def placeholder(variable: Variable, examples: Examples, database: Finding) -> str:  # noqa: PLR0911, PLR0912 - one case after another
    """Return a value of the shape that a variable wants, and no secret of anybody."""
    name, kind = variable.name, variable.type.lower()
    literal = re.search(r"Literal\[(.*?)\]", variable.type)
    if literal:
        options = re.findall(r"['\"]([^'\"]+)['\"]", literal.group(1))
        return next(
            (o for p in STAGES for o in options if o.lower() == p),
            options[0] if options else "test",
        )
    example = examples.for_tests.get(name) or examples.values.get(name, "")
    if variable.parts is not None:
        return example if example.startswith("{") else _together(variable.parts, examples, database)
    if ADDRESS.search(name) or "dsn" in kind:
        if re.search(r"REDIS|AMQP|RABBIT|MONGO", name) or "redis" in kind:
            return example or _REDIS
        return example if "sentry" in name.lower() else url(database, [example])
    if PASSWORD_NAME.search(name) and "int" not in kind:
        return PASSWORD
    if re.search(r"FERNET|ENCRYPTION_KEY", name):
        return example if len(example) == 44 else FERNET
    if (
        re.search(r"SECRET|SIGNING|SALT|PEPPER|JWT_KEY|TOKEN_KEY|^KEY$|(?<!PUBLIC)_KEY$", name)
        and "int" not in kind
    ):
        return SECRET
    if "email" in kind or (_EMAIL.search(name) and "@" in (example or "@")):
        # Examples are what tests call their own users as well.
        return f"{name.lower().replace('_', '-')}@settings.example.com"
    if example:
        return example
    if re.search(r"\b(bool|boolean)\b", kind):
        return "false"
    if re.search(r"\bint\b|float|decimal|timedelta", kind) or (
        re.search(r"_PORT$|EXPIRE|MINUTES|SECONDS|DAYS|TTL|SIZE|_DB$", name) and "str" not in kind
    ):
        return _number(name)
    if re.search(r"\b(list|set|tuple|sequence)\b", kind):
        return "[]"
    if re.search(r"\b(dict|mapping|json)\b", kind):
        return "{}"
    if "url" in kind or re.search(r"(URL|URI|ENDPOINT|ORIGIN)S?$", name):
        return _REDIS if "REDIS" in name or "BROKER" in name else "http://localhost"
    for pattern, shape in _SHAPES:
        if pattern.search(name):
            return shape
    if re.search(r"HOST|SERVER", name):
        return "localhost"
    if "path" in kind:
        return "/tmp"  # noqa: S108 - any folder there is will do
    return "test"


def _together(parts: tuple[Variable, ...], examples: Examples, database: Finding) -> str:
    """Return a JSON object of what is required in it."""
    texts = {
        # What a value looks like is read off names as variables have them.
        part.name: placeholder(replace(part, name=part.name.upper()), examples, database)
        for part in parts
    }
    values = {
        name: json.loads(text) if text.startswith(("[", "{")) else text
        for name, text in texts.items()
    }
    return json.dumps(values)


def _number(name: str) -> str:
    if not name.endswith("PORT"):
        return "30" if re.search(r"EXPIRE|MINUTES|TTL|SECONDS", name) else "1"
    if re.search(r"POSTGRES|PG|DB|DATABASE", name):
        return "5432"
    return "6379" if "REDIS" in name else "8000"
