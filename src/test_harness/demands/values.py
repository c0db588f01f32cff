"""Values to try for a variable, the likeliest first: of the right shape, and no secret of anybody.

Whatever the shape, what an example of the project says comes before what is made up here, and
nothing is ever tried that a deployment would take for its own: no stage of production.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

from test_harness.demands.drivers import drivers_for
from test_harness.demands.examples import examples, files_like
from test_harness.demands.grammar import Shape
from test_harness.demands.keys import key_pair
from test_harness.factories.patterns import sample_of

MOST = 8

SECRET = "only-for-tests-0123456789abcdef0123456789abcdef0123456789abcdef"  # noqa: S105 - nobody has it
PASSWORD = "Only-for-tests-0123"  # noqa: S105 - nobody has it
KEY_OF_32 = b"only-for-tests-0123456789abcdef!"
BASE64 = base64.urlsafe_b64encode(KEY_OF_32).decode()
HEX = "0123456789abcdef" * 4
_STAGES = ("test", "testing", "tests", "unittest", "ci", "local", "dev", "develop", "development")
_OFF = ("false", "off", "no", "none", "disabled", "0", "console", "memory", "dummy", "null", "info")
_PRODUCTION = re.compile(r"(?i)prod|\blive\b|staging|release")

_BY_KIND: dict[str, tuple[str, ...]] = {
    "int": ("1", "30", "8000"),
    "float": ("1.0",),
    "bool": ("false", "0", "False"),
    "list": ("[]", '["test"]', "test"),
    "json": ("{}", "[]"),
    "email": ("tests@settings.example.com",),
    "fernet": (BASE64,),
    "base64": (BASE64, base64.b64encode(KEY_OF_32).decode()),
    "hex": (HEX, HEX[:32]),
    "key": (KEY_OF_32.decode(), BASE64, HEX, HEX[:32], KEY_OF_32.decode()[:16]),
    "uuid": ("00000000-0000-4000-8000-000000000001",),
    "date": ("2030-01-01", "2030-01-01T00:00:00+00:00"),
    "timezone": ("UTC",),
    "ip": ("127.0.0.1", "127.0.0.0/8"),
    "level": ("INFO",),
    "redis": ("redis://localhost:6379/0",),
    "url": ("http://localhost",),
    "folder": ("/tmp", "."),  # noqa: S108 - any folder there is will do
    "path": ("/tmp",),  # noqa: S108
    "toml": (),
    "text": (),
}
# What a variable is called says what it is, where nothing else does.
_BY_NAME = (
    (re.compile(r"FERNET"), (BASE64,)),
    (re.compile(r"(PRIVATE|PUBLIC)_KEY$|_PEM$"), ("pem",)),
    (re.compile(r"REDIS\w*PORT$"), ("6379",)),
    (re.compile(r"(REDIS|BROKER|CELERY|RESULT_BACKEND)(?!\w*(HOST(NAME)?|PORT|USER(NAME)?|PASS(WORD)?)$)"),
     _BY_KIND["redis"]),
    (re.compile(r"(AMQP|RABBIT)\w*(URL|URI|DSN)"), ("amqp://guest:guest@localhost:5672//",)),
    (re.compile(r"MONGO\w*(URL|URI|DSN)"), ("mongodb://localhost:27017/test",)),
    (re.compile(r"(DB|DATABASE|SQL\w*|POSTGRES\w*|MARIADB)_?(URL|URI|DSN)|^DSN$"), ("database",)),
    (re.compile(r"(DB|DATABASE)_?(DRIVER|ENGINE|DIALECT|TYPE|SCHEME|BACKEND)"), ("dialect",)),
    (re.compile(r"CREDENTIALS|_AUTH$|BASIC"), ("tests:" + PASSWORD,)),
    (re.compile(r"PASS(WORD|WD|PHRASE)?$|PWD$"), (PASSWORD,)),
    (re.compile(r"E?MAIL(_ADDRESS|_FROM)?$|SENDER$|SUPERUSER$"), _BY_KIND["email"]),
    (re.compile(r"(URL|URI|ENDPOINT|ORIGIN|BASE)S?$"), _BY_KIND["url"]),
    (re.compile(r"ALGORITHM|_ALG$"), ("HS256",)),
    (re.compile(r"LOG\w*LEVEL|^LEVEL$"), ("INFO",)),
    (re.compile(r"TIME_?ZONE|^TZ$"), ("UTC",)),
    (re.compile(r"(POSTGRES|PG|DB|DATABASE)\w*PORT$"), ("5432",)),
    (re.compile(r"MYSQL\w*PORT$"), ("3306",)),
    (re.compile(r"PORT$"), ("8000",)),
    (re.compile(r"HOST(NAME)?$|SERVER$|DOMAIN$|ADDRESS$|^ADDR$|_ADDR$"), ("localhost",)),
    (re.compile(r"(EXPIRE|MINUTES|SECONDS|HOURS|DAYS|TTL|TIMEOUT)\w*$"), ("30", "1")),
    (re.compile(r"(SIZE|COUNT|LIMIT|WORKERS|MAX|MIN)\w*$"), ("30", "1")),
    (re.compile(r"(DB|DATABASE|SQLITE)_?(FILE(NAME)?|PATH)$"), ("only-for-tests.db",)),
    (re.compile(r"DIR(ECTORY)?$|FOLDER$|ROOT$"), _BY_KIND["folder"]),
    (re.compile(r"FILE(NAME|PATH)?$|PATH$|CONFIG$|SETTINGS$"), ("file",)),
    (re.compile(r"SECRET|SIGNING|SALT|PEPPER|TOKEN|KEY$"), (SECRET, BASE64, HEX)),
    (re.compile(r"(^|_)(ENV|ENVIRONMENT|STAGE|MODE|PROFILE)$"), ("test", "testing", "development")),
    (re.compile(r"USER(NAME)?$"), ("tests",)),
)  # fmt: skip
# Of a variable that says nothing at all, once "test" was refused.
_ANYTHING = ("test", "1", SECRET, HEX, "false", "{}", "http://localhost", "tests:" + PASSWORD)
_PARTS = {
    "user": "tests", "username": "tests", "login": "tests", "password": PASSWORD,
    "passwd": PASSWORD, "pwd": PASSWORD, "secret": PASSWORD, "host": "localhost",
    "hostname": "localhost", "port": "8000", "scheme": "http", "width": "10", "height": "10",
    "number": "1", "count": "1", "size": "10", "limit": "10", "period": "60",
}  # fmt: skip


def values_for(name: str, shape: Shape) -> list[str]:
    """Return values to try, no more than a few of them and each once.

    Args:
        name: What the variable is called.
        shape: What is known of the value: see `grammar.py`, `shapes.py` and `fields.py`.
    """
    found = [value for value in _values(name.upper(), shape) if _fits(value, shape)]
    return [*dict.fromkeys(found)][:MOST]


def _values(name: str, shape: Shape) -> Iterator[str]:
    example = examples().get(name, "")
    if choices := shape.get("choices"):
        yield from _best_first(choices, example)
        return
    kind = shape.get("kind", "text")
    if kind == "database" or (kind in ("text", "url") and _named(name)[:1] == ("database",)):
        yield from _databases(shape, example)
        return
    if example and kind not in ("file", "folder", "pem") and not _PRODUCTION.search(example):
        yield example
    if "example" in shape:
        yield shape["example"]
    if "separator" in shape and shape.get("parts"):
        yield shape["separator"].join(_part(part) for part in shape["parts"])
        yield shape["separator"].join("1" for _ in shape["parts"])
    if "pattern" in shape and (sample := sample_of(shape["pattern"])):
        yield sample
    for scheme in shape.get("schemes", ())[:2]:
        yield f"{scheme}://localhost"
    if "item" in shape:
        yield json.dumps([_plain(values_for(name, shape["item"])[0])] * shape["shortest"])
    yield from _of_kind(kind, name)
    if kind == "text":
        yield from _texts(name, shape)


def _of_kind(kind: str, name: str) -> Iterator[str]:
    if kind == "int":
        yield from (value for value in _named(name) if value.isdigit())
    if kind == "pem":
        yield from _pem(name)
    if kind in ("file", "toml"):
        yield from files_like(name)
    if kind == "path":
        yield from files_like(name, alike=True)
    if kind in ("url", "path"):
        yield from (value for value in _named(name) if "/" in value)
    yield from _BY_KIND.get(kind, ())


def _texts(name: str, shape: Shape) -> Iterator[str]:
    named = [one for value in _named(name) for one in _expanded(value, name)]
    for value in (*named, *_ANYTHING):
        start, end = shape.get("start", ""), shape.get("end", "")
        inside = "".join(one for one in shape.get("contains", ()) if one not in value)
        text = f"{start}{value}{inside and f'{inside}{value}'}{end}"
        least, most = shape.get("shortest", 0), shape.get("longest")
        if len(text) < least:
            missing = least - len(text) - len(end)
            text = f"{text}{(SECRET * (least // len(SECRET) + 1))[:missing]}{end}"
        yield text[:most] if isinstance(most, int) else text


def _named(name: str) -> tuple[str, ...]:
    return next((values for pattern, values in _BY_NAME if pattern.search(name)), ())


def _expanded(value: str, name: str) -> Iterator[str]:
    if value == "pem":
        yield from _pem(name)
    elif value == "dialect":
        engine, drivers = drivers_for("")
        yield from (*(f"{engine}+{driver}" for driver in drivers[:2]), engine)
    elif value == "file":
        yield from files_like(name, alike=True)
    else:
        yield value


def _part(name: str) -> str:
    return next((value for word, value in _PARTS.items() if name.lower().endswith(word)), "test")


def _best_first(choices: list[str], example: str) -> list[str]:
    """Return choices, those for tests first and none of production."""
    allowed = [one for one in choices if not _PRODUCTION.search(one)]
    known = [*_STAGES, *([example.lower()] if example else []), *_OFF]

    def rank(choice: str) -> int:
        return known.index(choice.lower()) if choice.lower() in known else len(known)

    return sorted(allowed, key=rank)


def _databases(shape: Shape, example: str) -> Iterator[str]:
    """Return addresses of the test database's kind, at which nothing answers."""
    engine, drivers = drivers_for(shape.get("drivers", ""))
    if engine == "sqlite":
        yield from (
            f"sqlite{f'+{driver}' if driver else ''}:///only-for-tests.db" for driver in drivers
        )
        return
    for driver in drivers:
        scheme = f"{engine}{f'+{driver}' if driver else ''}"
        yield f"{scheme}://tests:tests@database.invalid/tests"
    if example and "://" in example:
        yield example


def _plain(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _fits(value: str, shape: Shape) -> bool:
    """Tell whether a value meets what is known exactly; the rest is for the application to say."""
    if not value:
        return False
    numbers = {"least", "above", "most", "below", "multiple_of"} & shape.keys()
    if shape.get("kind") in ("int", "float") and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return False
    if "schemes" in shape and value.partition("://")[0] not in shape["schemes"]:
        return False
    if numbers:
        return _is_number(value) and _within(float(value), shape)
    if "pattern" in shape and not shape.get("separator"):
        return bool(re.search(shape["pattern"], value))
    is_text = shape.get("kind", "text") == "text" and "choices" not in shape
    least, most = shape.get("shortest", 0), shape.get("longest") or len(value)
    return not is_text or bool(least <= len(value) <= most)


def _is_number(value: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", value))


def _within(number: float, shape: Shape) -> bool:
    return bool(
        number >= shape.get("least", number)
        and number > shape.get("above", number - 1)
        and number <= shape.get("most", number)
        and number < shape.get("below", number + 1)
        and number % shape.get("multiple_of", 1) == 0
    )


def _pem(name: str) -> Iterator[str]:
    try:
        private, public = key_pair()
    except ImportError:
        return
    yield from (public, private) if "PUB" in name else (private, public)
