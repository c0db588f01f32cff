"""A tiny project whose tests leak, or do not, with nothing of the harness but the detective."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from textwrap import dedent

from tests.projects import harness_toml
from tests.worlds import ROOT, build_tree, run

SETTINGS = (
    harness_toml()
    + """
[watch]
names = "app.registry:hooks app.registry:desk"
caches = "app.store:TITLES"
"""
)
INI = """
[pytest]
testpaths = tests
pythonpath = tests .
addopts = --import-mode=importlib -p no:asyncio -p no:cacheprovider
"""
CONFTEST = """
from pathlib import Path

from test_harness import project

project.use(Path(__file__).parent)
pytest_plugins = ["test_harness.watch.leaks.plugin"]
"""
STORE = '''
"""What an application keeps in its process."""
import collections
import contextvars
import functools
import itertools
import os
import queue
import types

tenant = contextvars.ContextVar("tenant", default=None)
STORE = {}
ITEMS = [1]
SEEN = set()
NESTED = {"a": {"b": []}}
TITLES = {}
COUNT = 0
FLAG = False
current = None
numbers = itertools.count(1)
jobs = queue.Queue()
options = types.SimpleNamespace(size=1)
_client = None
_cache = {}
_ready = False
users = collections.UserDict()


class Client:
    pass


def client():
    global _client, _ready
    if _client is None:
        _client, _ready = Client(), True
    return _client


def memo(key):
    if key not in _cache:
        _cache[key] = key * 2
    return _cache[key]


class Manager:
    registry = []
    default = "x"

    def __init__(self):
        self.active, self.name = [], "m"

    def send(self):
        return "sent"

    @functools.cached_property
    def heavy(self):
        return object()


class Slotted:
    __slots__ = ("rooms",)

    def __init__(self):
        self.rooms = {}


manager, slotted = Manager(), Slotted()


def remember(one, seen=[]):
    seen.append(one)


def make_counter():
    calls = []
    return lambda: calls.append(1)


count_calls = make_counter()


class Settings:
    def __init__(self):
        self.rate = os.environ.get("RATE", "1")
        self.api_token = os.environ.get("API_TOKEN", "none")


settings = Settings()


@functools.lru_cache
def get_settings():
    return Settings()


def mail():
    return "real"


def set_current(name):
    global current
    current = name
'''
REGISTRY = """
class Desk:
    def __init__(self):
        self.open = True


hooks, desk = [], Desk()
"""


def make(folder: Path, tests: str, leaks: str = "warn") -> Path:
    """Write the project with a module of tests."""
    return build_tree(
        folder,
        {
            "app/__init__.py": "",
            "app/store.py": STORE,
            "app/registry.py": REGISTRY,
            "pytest.ini": INI,
            "tests/harness.toml": f'{SETTINGS}leaks = "{leaks}"\n',
            "tests/conftest.py": CONFTEST,
            "tests/test_it.py": dedent(tests),
        },
    )


def run_tests(project: Path, *arguments: str, **variables: str) -> tuple[str, dict[str, list[str]]]:
    """Run the tests, and return what was printed, and what each test left: `kind name`."""
    report = project / "report.xml"
    done = run(
        sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments,
        cwd=project, check=False, PYTHONPATH=str(ROOT / "src"), **variables,
    )  # fmt: skip
    left: dict[str, list[str]] = {}
    for case in ET.parse(report).iter("testcase"):
        for one in case.iter("property"):
            leak = json.loads(one.attrib["value"])
            said = leak if isinstance(leak, str) else f"{leak['kind']} {leak['name']}"
            left.setdefault(case.attrib["name"], []).append(said)
    return done.stdout, left
