"""The variables that a test run has to set so that the application can be imported."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..code.source import Source
from ..database.drivers import DIALECTS, KIND, URL
from ..findings import Finding
from ..project.env_examples import Examples
from ..project.settings import Settings
from ..project.variables import Variable

_DATABASE = re.compile(r"(DATABASE|DB|POSTGRES|PG|SQLALCHEMY|MYSQL|SQLITE|SQL)\w*(URL|URI|DSN)$")
# Without these an application imports and then fails at the first request.
_NEEDED = re.compile(
    r"SECRET|JWT\w*KEY|ALGORITHM|EXPIRE|SALT$|SIGNING|ENCRYPTION_KEY|FERNET"
    r"|^(DB|DATABASE|POSTGRES|PG|MYSQL)_?(HOST|HOSTNAME|SERVER|PORT|USER|USERNAME|PASS|PASSWORD|NAME|DB)$"
    r"|" + _DATABASE.pattern
)
# Credentials for services of others: to set them would switch the services on.
_OTHERS = re.compile(
    r"CLIENT|OAUTH|AWS|S3_|STRIPE|GITHUB|GOOGLE|SLACK|TWILIO|SENDGRID|MAIL|OPENAI|WEBHOOK|CAPTCHA|MINIO"
)
SECRET = "only-for-tests-0123456789abcdef0123456789abcdef0123456789abcdef"  # noqa: S105 - nobody has it
FERNET = "b25seS1mb3ItdGVzdHMtMDEyMzQ1Njc4OWFiY2RlZjA="
# Long enough, and nobody has it. Nothing in it has to be quoted in an address, which Alembic could
# not read then.
PASSWORD = "Only-for-tests-0123"  # noqa: S105
_SENDS_MAIL = (b"smtplib", b"fastapi_mail", b"flask_mail", b"import emails")
_MAIL = (
    (re.compile(r"(SMTP|MAIL)\w*_(HOST|SERVER)$"), "localhost"),
    (re.compile(r"(SMTP|MAIL)\w*_USER(NAME)?$"), "tests"),
    (re.compile(r"(SMTP|MAIL)\w*_PASS(WORD)?$"), PASSWORD),
    (re.compile(r"MAILS?_FROM(_E?MAIL|_ADDRESS)?$|MAIL\w*_SENDER$"), "tests@settings.example.com"),
)
_PASSWORD = re.compile(r"PASS(WORD|WD|PHRASE|WRD)?$|_PWD$")
_EMAIL = re.compile(r"E?MAIL(_ADDRESS)?$|MAIL_FROM$|SENDER$|FIRST_SUPERUSER$")
_STAGE = re.compile(r"(\w+_)?(ENV|ENVIRONMENT|STAGE|MODE|CONFIG|PROFILE|SETTINGS)")
_SURELY_STAGE = re.compile(
    r"(APP_|FLASK_|FASTAPI_|PYTHON_|STARLETTE_|LITESTAR_)?(ENV|ENVIRONMENT|STAGE)|APP_MODE|\w+_ENV"
)
# The stages that an application may know, the best for tests first.
_STAGES = ("test", "testing", "tests", "unittest", "dev", "develop", "development", "local")
_SHAPES = (
    (re.compile(r"ALGORITHM"), "HS256"),
    (re.compile(r"LOG\w*LEVEL"), "INFO"),
    (re.compile(r"TIME_?ZONE|^TZ$"), "UTC"),
    (re.compile(r"DOMAIN"), "localhost"),
)
_CONVERTS = re.compile(rb"replace\(\s*[\"'](postgres|postgresql|mysql|sqlite)://")
_OF_ENGINE = re.compile(r"(POSTGRES|MYSQL|MARIADB|SQLITE|MSSQL|ORACLE)")
_PORTS = {"postgresql": 5432, "mysql": 3306}
# What a synchronous engine beside an asynchronous one usually has.
_SYNC_OF = {"aiosqlite": "pysqlite", "asyncpg": "psycopg2", "aiomysql": "pymysql",
            "asyncmy": "pymysql"}  # fmt: skip


# What a variable is of an address, by its name.
_PART = re.compile(
    r"(DATABASE|DB|POSTGRES(QL)?|MYSQL|MARIADB|SQL)_(HOST(NAME)?|SERVER|PORT|USER(NAME)?|PASS(WORD)?)"
)
_PARTS = (
    ("host", re.compile(r"HOST(NAME)?$|SERVER$|_ADDR(ESS)?$|INSTANCE$|^PGHOST$")),
    ("port", re.compile(r"PORT$")),
    ("user", re.compile(r"USER(NAME)?$")),
    ("password", _PASSWORD),
    ("file", re.compile(r"PATH$|FILE(NAME)?$")),
    ("name", re.compile(r"NAME$|_DB$|^DB$|DATABASE$")),
)


def for_tests(
    settings: Settings,
    examples: Examples,
    database: Finding,
    leading: Mapping[str, bool],
    source: Source,
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
    """
    listed = []
    mails = any(not module.aside for module in source.having(*_SENDS_MAIL))
    converts = any(_CONVERTS.search(module.data) for module in source.having(b"replace"))
    for variable in sorted(settings.variables.values(), key=lambda v: v.name):
        value = _address(variable, examples, database, leading, converts)
        example = examples.values.get(variable.name, "")
        if KIND.search(variable.name) and database:
            # Otherwise the application would go by its default, with an address of another kind.
            chosen = DIALECTS.get(example.lower()) == database.value["engines"][0]
            value = example if chosen else value
        why = "leads to the database"
        unset = variable.default is None and not variable.optional
        needed = variable.required or (
            unset
            and variable.at_import
            and _NEEDED.search(variable.name)
            and not _OTHERS.search(variable.name)
        )
        if value is None and needed:
            why = "required" if variable.required else "has no default"
            value = dummy(variable, examples, database)
            stages = _offered(source, variable.name) if _STAGE.fullmatch(variable.name) else []
            if stages or _SURELY_STAGE.fullmatch(variable.name):
                value = _stage(variable, examples, stages)
        if value is None and mails and variable.optional and variable.default is None:
            why = "lets mails be sent, which end in the mailbox of the tests"
            value = next((text for name, text in _MAIL if name.search(variable.name)), None)
        if value is not None:
            listed.append(
                {"name": variable.name, "value": value, "why": f"{why}: {variable.where}"}
            )
    return listed


def _offered(source: Source, name: str) -> list[str]:
    """Return the stages that the modules which name a variable know."""
    words = [
        match.decode()
        for module in source.having(name.encode(), name.lower().encode())
        for match in re.findall(rb"[\"']([A-Za-z]{3,12})[\"']", module.data)
    ]
    known = [word for word in dict.fromkeys(words) if word.lower() in _STAGES]
    return sorted(known, key=lambda word: _STAGES.index(word.lower()))


def _stage(variable: Variable, examples: Examples, offered: list[str]) -> str:
    """Return the stage for tests: never one of production."""
    example = examples.for_tests.get(variable.name) or examples.values.get(variable.name, "")
    if example.lower() in _STAGES:
        return example
    return next(iter(offered), "test")


def _address(
    variable: Variable,
    examples: Examples,
    database: Finding,
    leading: Mapping[str, bool],
    converts: bool,
) -> str | None:
    """Return what a variable says of an address that cannot be reached; None when it says none."""
    name, kind = variable.name, variable.type.lower()
    engine = database.value["engines"][0] if database else "postgresql"
    of = _OF_ENGINE.search(name)
    if of and DIALECTS[of.group(1).lower()] != engine:
        return None
    other = re.search(r"REDIS|AMQP|RABBIT|MONGO|CELERY|BROKER|TEST", name) or "redis" in kind
    known = [examples.values.get(name, ""), str(variable.default or "")]
    whole = _DATABASE.search(name) or "dsn" in kind or any(URL.match(text) for text in known)
    if re.match(r"PG[A-Z]+$", name):
        # libpq reads these itself, to find the server that the test databases are on.
        return None
    # Settings put an address together of such, in ways that cannot all be read.
    is_part = variable.optional and variable.default is None and _PART.fullmatch(name)
    if other or "httpurl" in kind or not (name in leading or _DATABASE.search(name) or is_part):
        return None
    if whole:
        return _url(database, known, is_async=leading.get(name), converts=converts)
    part = next((part for part, pattern in _PARTS if pattern.search(name)), "")
    if engine == "sqlite":
        return "production.sqlite3" if part in ("name", "file") else None
    values = {"host": "production.invalid", "port": str(_PORTS.get(engine, 5432))}
    return values.get(part, "app") if part and part != "file" else None


def dummy(variable: Variable, examples: Examples, database: Finding) -> str:  # noqa: PLR0911, PLR0912 - one case after another
    """Return a value of the shape that a variable wants, and no secret of anybody."""
    name, kind = variable.name, variable.type.lower()
    literal = re.search(r"Literal\[(.*?)\]", variable.type)
    if literal:
        options = re.findall(r"['\"]([^'\"]+)['\"]", literal.group(1))
        return next(
            (o for p in _STAGES for o in options if o.lower() == p),
            options[0] if options else "test",
        )
    example = examples.for_tests.get(name) or examples.values.get(name, "")
    if _DATABASE.search(name) or "dsn" in kind:
        if re.search(r"REDIS|AMQP|RABBIT|MONGO", name) or "redis" in kind:
            return example or "redis://localhost:6379/0"
        return example if "sentry" in name.lower() else _url(database, [example])
    if _PASSWORD.search(name) and "int" not in kind:
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
        return (
            "redis://localhost:6379/0"
            if "REDIS" in name or "BROKER" in name
            else "http://localhost"
        )
    for pattern, shape in _SHAPES:
        if pattern.search(name):
            return shape
    if re.search(r"HOST|SERVER", name):
        return "localhost"
    if "path" in kind:
        return "/tmp"  # noqa: S108 - any folder there is will do
    return "test"


def _number(name: str) -> str:
    if name.endswith("PORT"):
        return (
            "5432"
            if re.search(r"POSTGRES|PG|DB|DATABASE", name)
            else "6379"
            if "REDIS" in name
            else "8000"
        )
    return "30" if re.search(r"EXPIRE|MINUTES|TTL|SECONDS", name) else "1"


def _url(
    database: Finding, known: list[str], *, is_async: bool | None = None, converts: bool = False
) -> str:
    """Return an address of the right kind that nothing answers at.

    Args:
        database: The engine and driver that were found.
        known: Addresses that the variable has elsewhere; how they begin is how the code wants it.
        is_async: Whether an asynchronous engine takes it; None when that is not known.
        converts: Whether the code puts a driver into an address that names none.
    """
    engine = database.value["engines"][0] if database else "postgresql"
    driver = database.value["driver"] if database else ""
    if is_async is False and driver in _SYNC_OF:
        driver = _SYNC_OF[driver]
    scheme = f"{engine}+{driver}" if driver and driver != "pysqlite" else engine
    for text in known:
        match = re.match(r"(\w+(?:\+\w+)?)://", text)
        kind = URL.match(text) if match else None
        # SQLAlchemy knows no `postgres://`, which hosting services hand out.
        fits = kind is not None and DIALECTS[kind.group(1)] == engine
        if match and kind and fits and kind.group(1) != "postgres":
            if not kind.group(2) and "+" in scheme and driver in _SYNC_OF and not converts:
                continue
            scheme = match.group(1)
            break
    if engine == "sqlite":
        return f"{scheme}:///production.sqlite3"
    if any("@" in text and "://" not in text for text in known):
        return "app:app@production.invalid/app"
    return f"{scheme}://app:app@production.invalid/app"
