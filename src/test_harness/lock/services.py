"""Which double stands for a service, told by the library whose code reaches for it.

Commands read this as well, for which it imports nothing but the standard library.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from test_harness.errors import HarnessError, SettingsError
from test_harness.lock.callers import HARNESS, frames, is_of_a_library
from test_harness.project import suite_dir


@dataclass(frozen=True)
class Double:
    """A double that there is.

    Args:
        what: What it stands for.
        fixture: What a test asks it by.
        clients: The packages that reach for that.
        packages: What it needs to be installed, by the name of what is imported.
        needs: The doubles that it stands on.
    """

    what: str
    fixture: str
    clients: tuple[str, ...] = ()
    packages: tuple[tuple[str, str], ...] = ()
    needs: tuple[str, ...] = ()


FAKEREDIS = ("fakeredis", "fakeredis>=2.40")
MOTO = (("moto", "moto[s3]>=5"), ("flask", "flask"), ("flask_cors", "flask-cors"))
MONGOMOCK = (("mongomock", "mongomock>=4.3"), ("mongomock_motor", "mongomock-motor>=0.0.36"))
DOUBLES = {
    "mail": Double("the mail server", "mailbox", ("aiosmtplib", "smtplib")),
    "http": Double("HTTP APIs", "http_double", ("httpx", "httpx2", "requests")),
    "redis": Double("Redis", "redis_double", ("aioredis", "redis"), (FAKEREDIS,)),
    "celery": Double("Celery's broker", "celery_double", ("celery",)),
    "rq": Double("RQ's queues", "rq_double", ("rq",), (FAKEREDIS,), ("redis",)),
    "arq": Double("arq's queue", "arq_double", ("arq",), (FAKEREDIS,), ("redis",)),
    "dramatiq": Double("dramatiq's broker", "dramatiq_double", ("dramatiq",)),
    "rabbitmq": Double("RabbitMQ", "rabbitmq_double", ("aio_pika", "aiormq", "pika")),
    "storage": Double(
        "object storage (S3)",
        "object_storage",
        ("aiobotocore", "boto3", "botocore", "minio", "miniopy_async"),
        MOTO,
    ),
    "search": Double(
        "search engines",
        "search_double",
        ("elastic_transport", "elasticsearch", "meilisearch", "opensearchpy"),
    ),
    "mongodb": Double("MongoDB", "mongodb_double", ("motor", "pymongo"), MONGOMOCK),
    "ldap": Double("a directory (LDAP)", "ldap_double", ("ldap3",), (("ldap3", "ldap3>=2.9.1"),)),
    "oauth": Double(
        "an OpenID provider",
        "oauth_provider",
        packages=(("jwt", "pyjwt[crypto]>=2.10"),),
        needs=("http",),
    ),
    "objects": Double("objects of the application", "double_of"),
}
NAME = "DOUBLES"
# What there is no double of, by the packages that reach for it.
OTHERS = {
    "RabbitMQ": ("amqp",),
    "Kafka": ("aiokafka", "kafka"),
    "Memcached": ("aiomcache", "pymemcache"),
}


def double_of_caller() -> str:
    """Return the double for what is reached for just now; empty where there is none."""
    return _double_for(_packages_of_caller())


def service_of_caller() -> tuple[str, str]:
    """Return which service is reached for just now that holds what is somebody's, and its double.

    An HTTP server is no such service: a test may start one itself.
    """
    packages = _packages_of_caller()
    double = _double_for(packages)
    if double:
        return (DOUBLES[double].what, double) if double != "http" else ("", "")
    known = {client: what for what, clients in OTHERS.items() for client in clients}
    return next((known[package] for package in packages if package in known), ""), ""


def double_for(what: str) -> str:
    """Return the double that stands for a service; empty where there is none."""
    return next((name for name, double in DOUBLES.items() if double.what == what), "")


def _packages_of_caller() -> list[str]:
    """Return the modules of libraries on the way to here, those that call others first."""
    inner: list[str] = []
    for frame in frames():
        name = frame.f_code.co_filename
        if name.startswith(str(HARNESS)):
            continue
        if not is_of_a_library(name):
            break
        inner.append(frame.f_globals.get("__name__", "").partition(".")[0])
    return inner[::-1]


def double_of_error(error: BaseException) -> str:
    """Return the double for what an error could not reach, told by where it comes from.

    Args:
        error: The error of a test.
    """
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
        chain.append(cause)
    if any(isinstance(it, HarnessError) for it in chain):
        return ""  # Which says what to do already.
    if not any(isinstance(it, OSError) or "Connect" in type(it).__name__ for it in chain):
        return ""
    for one in chain:
        inner: list[str] = []
        for frame, _ in traceback.walk_tb(one.__traceback__):
            name = frame.f_code.co_filename
            if not (name.startswith(str(HARNESS)) or is_of_a_library(name)):
                inner = []
            inner.append(frame.f_globals.get("__name__", ""))
        if found := _double_for(inner):
            return found
    return ""


def double_of_traceback(text: str) -> str:
    """Return the double for what could not be reached, told by a traceback that is only text."""
    if not re.search(r"(?m)^\S*(Connect|OSError|gaierror|Timeout)", text):
        return ""
    inner: list[str] = []
    for file in re.findall(r'(?m)^ *File "(.+?)", line ', text):
        if not (file.startswith(str(HARNESS)) or is_of_a_library(file)):
            inner = []
        _, found, name = Path(file).as_posix().rpartition("/site-packages/")
        package = name.partition("/")[0] if found else Path(file).name
        inner.append(package.removesuffix(".py"))
    return _double_for(inner)


def _double_for(modules: Iterable[str]) -> str:
    """Return the double of the outermost library: what calls another is what is to be doubled."""
    packages = (module.partition(".")[0] for module in modules)
    known = {client: name for name, double in DOUBLES.items() for client in double.clients}
    return next((known[package] for package in packages if package in known), "")


def offered(name: str) -> str:
    """Return the sentence that offers a double; empty where there is none, or it is there.

    Args:
        name: Its name, or nothing.
    """
    if not name or name in doubles():
        return ""
    return f"`{command(name)}` has tests answered by a double of {DOUBLES[name].what}"


def command(name: str) -> str:
    """Return how a person has tests answered by a double."""
    is_copy = (suite_dir() / "test_harness" / "__main__.py").exists()
    program = f"python {suite_dir().name}/test_harness" if is_copy else "test-harness"
    return f"{program} double {name}"


def doubles() -> list[str]:
    """Return the doubles that tests have, by harness.toml and by conftest.py.

    What harness.toml names was read from the code: nobody reaches for it without a client.
    """
    from test_harness.settings import settings

    read = [name for name in settings().application.doubles.split() if _has_client(name)]
    named = [*read, *chosen(suite_dir())]
    # An unknown one of harness.toml is for who imports it to tell of.
    below = [below for name in named if name in DOUBLES for below in DOUBLES[name].needs]
    return [*dict.fromkeys([*below, *named])]


def _has_client(name: str) -> bool:
    clients = DOUBLES[name].clients if name in DOUBLES else ()
    return not clients or any(importlib.util.find_spec(client) for client in clients)


def chosen(suite: Path) -> list[str]:
    """Return the names in `DOUBLES` of conftest.py, which is read and not run.

    Args:
        suite: The folder of the tests.

    Raises:
        SettingsError: It is no list of names, or names a double that there is not.
    """
    path = suite / "conftest.py"
    found = assigned(path.read_text(encoding="utf-8") if path.is_file() else "")
    if found is None:
        return []
    try:
        names = ast.literal_eval(found.value)
    except ValueError:
        names = None
    if not isinstance(names, (list, tuple)) or not all(name in DOUBLES for name in names):
        raise SettingsError(
            f"{path.name}:{found.lineno} {NAME} is not a list of doubles that there are.",
            f"Write names of {', '.join(DOUBLES)} in it, each as a text.",
        )
    return list(names)


def assigned(text: str) -> ast.Assign | None:
    """Return the line of conftest.py that names the doubles; None without one."""
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return None  # Python says so when it comes to it.
    for node in body:
        if isinstance(node, ast.Assign) and [ast.unparse(it) for it in node.targets] == [NAME]:
            return node
    return None


def missing_packages(name: str) -> list[str]:
    """Return what a double needs and this environment has not, as lines of requirements."""
    return [
        line
        for package, line in DOUBLES[name].packages
        if importlib.util.find_spec(package) is None
    ]


def check_packages(names: Iterable[str]) -> None:
    """See that the packages are there that doubles need.

    Raises:
        SettingsError: One is not.
    """
    for name in names:
        if missing := missing_packages(name) if name in DOUBLES else []:
            raise SettingsError(
                f"The double of {DOUBLES[name].what} needs {', '.join(missing)}, which is not "
                "installed here.",
                f"`{command(name)}` installs it.",
            )
