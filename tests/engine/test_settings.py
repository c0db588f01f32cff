"""Modules of the harness, imported where they lie, give clear errors for what they cannot use."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import pytest

from test_harness import __version__
from tests.worlds import build_tree

SETTINGS = f"""
[harness]
version = "{__version__}"

[application]
project = "shop"
framework = "fastapi"
import_path = "shop.main:app"
mode = "sync"
health_path = ""
base_url = "http://localhost"

[database]
engine = "sqlite"
driver = "pysqlite"
metadata = "shop.models:Base"
migrations = ""
"""


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in list(sys.modules):
        if name.split(".")[0] == "shop":
            monkeypatch.delitem(sys.modules, name)


def refusal(read: Any, *arguments: Any) -> str:
    from test_harness.errors import HarnessError

    with pytest.raises(HarnessError) as refused:
        read(*arguments)
    return str(refused.value)


# ----------------------------------------------------------------------------------- settings


def test_settings_are_read_and_overridden(tmp_path: Path) -> None:
    from test_harness.settings import read_settings

    build_tree(tmp_path, {"harness.toml": SETTINGS})
    settings = read_settings(
        tmp_path / "harness.toml",
        {"TEST_HARNESS_DATABASE_DRIVER": "psycopg", "TEST_HARNESS_AUTH_NO_TOKEN_STATUS": "403"},
    )
    assert settings.application.import_path == "shop.main:app"
    assert (settings.database.driver, settings.auth.no_token_status) == ("psycopg", 403)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            SETTINGS.replace("metadata =", "metadat ="),
            "harness.toml has an unknown key 'metadat' in [database].\n"
            "  Fix: Rename it to 'metadata'.",
        ),
        (
            SETTINGS.replace('migrations = ""\n', ""),
            "harness.toml lacks migrations in [database].\n"
            "  Fix: Add the key, or run `test-harness update` to have the file written again.",
        ),
        (
            SETTINGS.replace('driver = "pysqlite"', "driver = 3"),
            "[database] driver = 3 is not text.\n  Fix: Put the value in quotes.",
        ),
        (
            f"{SETTINGS}\n[auth]\nno_token_status = '4o1'\n",
            "[auth] no_token_status = '4o1' is not a whole number.\n"
            "  Fix: Write it without quotes.",
        ),
        (
            f"{SETTINGS}\n[databases.audit]\nmetdata = 'shop.models:Audit'\n",
            "harness.toml has an unknown key 'metdata' in [databases.audit].\n"
            "  Fix: Rename it to 'metadata'.",
        ),
        (
            f"{SETTINGS}\n[databases]\naudit = 'shop.models:Audit'\n",
            "harness.toml has the key 'audit' in [databases], which has tables only.\n"
            "  Fix: Write it below [databases.NAME], or below [database].",
        ),
        (
            f"{SETTINGS}\n[databse]\n",
            "harness.toml has an unknown section [databse].\n"
            "  Fix: Use one of application, auth, budgets, database, databases, flows, fuzz, "
            "harness, limits, refusals, targets, watch.",
        ),
    ],
    ids=[
        "unknown key",
        "missing key",
        "not text",
        "not a number",
        "unknown key of another database",
        "no table",
        "unknown section",
    ],
)
def test_settings_that_cannot_be_used_are_named(tmp_path: Path, written: str, message: str) -> None:
    from test_harness.settings import read_settings

    build_tree(tmp_path, {"harness.toml": written})
    assert refusal(read_settings, tmp_path / "harness.toml", {}) == message


def test_settings_that_are_no_toml_are_named(tmp_path: Path) -> None:
    from test_harness.settings import read_settings

    file = build_tree(tmp_path, {"harness.toml": "[application\n"}) / "harness.toml"
    assert refusal(read_settings, file, {}).startswith(f"{file} is not valid TOML: ")


# -------------------------------------------------------------------------------- environment


def test_variables_of_the_file_do_not_replace_exported_ones(tmp_path: Path) -> None:
    from test_harness.application.environment import load_environment

    build_tree(tmp_path, {"test.env": "# A comment\n\nexport A=1\nB='two words'\nC=a=b\n"})
    environment = {"A": "exported"}
    load_environment(tmp_path / "test.env", environment)
    assert environment == {"A": "exported", "B": "two words", "C": "a=b"}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=plain", "plain"),
        ("A=plain # a comment", "plain"),
        ("A=pass#word", "pass#word"),
        ("A='quoted' # a comment", "quoted"),
        ('A="# no comment"', "# no comment"),
        (r'A="two\nlines"', "two\nlines"),
        (r"A='no\nescape'", r"no\nescape"),
        ("A=${OTHER}/path", "there/path"),
        ("A=", ""),
        (
            'A="-----BEGIN KEY-----\nMIIE\n-----END KEY-----"',
            "-----BEGIN KEY-----\nMIIE\n-----END KEY-----",
        ),
        ("\ufeffA=after a byte order mark", "after a byte order mark"),
    ],
)
def test_values_are_read_as_other_tools_read_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, value: str
) -> None:
    from test_harness.application.environment import load_environment

    monkeypatch.setenv("OTHER", "there")
    build_tree(tmp_path, {"test.env": f"{line}\n"})
    environment: dict[str, str] = {}
    load_environment(tmp_path / "test.env", environment)
    assert environment == {"A": value}


def test_a_line_that_is_no_variable_is_named(tmp_path: Path) -> None:
    from test_harness.application.environment import load_environment

    build_tree(tmp_path, {"test.env": "A=1\nwhat is this\n"})
    assert refusal(load_environment, tmp_path / "test.env", {}) == (
        "test.env:2 is not a NAME=value line: 'what is this'.\n"
        "  Fix: Write it as NAME=value, or start it with # to switch it off."
    )


# -------------------------------------------------------------------------------- application


@pytest.mark.parametrize(
    ("path", "files", "message"),
    [
        (
            "shop.main:app",
            {},
            "There is no module 'shop', which 'shop.main:app' asks for.\n"
            "  Fix: Correct the import path in harness.toml, or add the folder that holds it to "
            "`pythonpath` in pytest.ini.",
        ),
        (
            "shop.main:app",
            {"shop/main.py": "import no_such_package\n"},
            "shop.main needs the package 'no_such_package', which is not installed.\n"
            "  Fix: Install the application's own requirements into this environment.",
        ),
        (
            "shop.main:application",
            {"shop/main.py": "app = 1\n"},
            "shop.main has no 'application', which 'shop.main:application' asks for.\n"
            "  Fix: Correct the import path in harness.toml.",
        ),
        (
            "shop.main:app",
            {"shop/main.py": "import os\nos.environ['SHOP_KEY']\n"},
            "shop.main needs settings that are not there: SHOP_KEY.\n"
            "  Fix: Give each a value that is safe in tests in test.env.",
        ),
        (
            "shop.main:app",
            {
                "shop/main.py": "from pydantic import BaseModel\n\n"
                "class Settings(BaseModel):\n    shop_key: str\n    shop_url: str\n\n"
                "Settings.model_validate({})\n"
            },
            "shop.main needs settings that are not there: SHOP_KEY, SHOP_URL.\n"
            "  Fix: Give each a value that is safe in tests in test.env.",
        ),
        (
            "shop.main:make()",
            {"shop/main.py": "def make():\n    import no_such_package\n"},
            "shop.main:make() needs the package 'no_such_package', which is not installed.\n"
            "  Fix: Install the application's own requirements into this environment.",
        ),
        (
            "shop.main:make()",
            {"shop/main.py": "def make():\n    raise OSError('no disk')\n"},
            "shop.main:make() failed: OSError: no disk (shop/main.py:2)\n"
            "  Fix: Mend the factory or its settings.",
        ),
        (
            "shop.main:app",
            {"shop/main.py": "import shop.parts\n", "shop/parts.py": "\n\nNoNsense\n"},
            "shop.main cannot be imported: NameError: name 'NoNsense' is not defined "
            "(shop/parts.py:3)\n"
            "  Fix: Mend the module, or give the variables it needs in test.env.",
        ),
        (
            "shop.main:app",
            {"shop/main.py": "import shop.parts\n", "shop/parts.py": "\ndef (\n"},
            "shop.main cannot be imported: SyntaxError: invalid syntax "
            "(shop/parts.py:2)\n"
            "  Fix: Mend the module, or give the variables it needs in test.env.",
        ),
        (
            "shop.main:app",
            {"shop/main.py": "import sys\nsys.exit(66)\n"},
            "shop.main ended the process while it was imported (exit status 66) (shop/main.py:2).\n"
            "  Fix: Read what it printed, and give the settings it wants in test.env.",
        ),
        (
            "shop.main:app",
            {
                "shop/main.py": "try:\n    import no_such_handler\n"
                "except ImportError as error:\n    raise ValueError('no handler') from error\n"
            },
            "shop.main cannot be imported: ValueError: no handler (from ModuleNotFoundError: "
            "No module named 'no_such_handler') (shop/main.py:4)\n"
            "  Fix: Install 'no_such_handler' and name it in the application's own requirements, "
            "or correct what imports it.",
        ),
        (
            "shop.main",
            {},
            "'shop.main' is no import path.\n  Fix: Write it as 'module:name' in harness.toml.",
        ),
    ],
    ids=[
        "no module",
        "no package",
        "no name",
        "no variable",
        "no setting",
        "no package of a factory",
        "failing factory",
        "a typo",
        "no Python",
        "no import",
        "no cause",
        "no path",
    ],
)
def test_an_application_that_cannot_be_imported_is_explained(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    files: dict[str, str],
    message: str,
) -> None:
    from test_harness.application.loading import import_object

    monkeypatch.chdir(build_tree(tmp_path, files))
    assert refusal(import_object, path) == message


def test_a_factory_is_called(tmp_path: Path) -> None:
    from test_harness.application.loading import import_object

    build_tree(tmp_path, {"shop/main.py": "def make():\n    return 'made'\n"})
    assert import_object("shop.main:make()") == "made"


@pytest.mark.parametrize(
    "given", ["configs.Testing", "configs.Testing()", "config=configs.Testing"]
)
def test_a_factory_is_given_a_class_that_is_named_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    from test_harness.application.loading import import_object

    monkeypatch.chdir(tmp_path)
    build_tree(
        tmp_path,
        {
            "configs.py": "class Testing:\n    name = 'for tests'\n",
            "shop/main.py": "def make(config):\n    return config.name\n",
        },
    )
    assert import_object(f"shop.main:make({given})") == "for tests"


def test_a_value_behind_a_call_is_found(tmp_path: Path) -> None:
    from test_harness.application.loading import import_object

    code = "class Settings:\n    def __init__(self, name='app'):\n        self.name = name\n"
    build_tree(tmp_path, {"shop/main.py": code})
    assert import_object("shop.main:Settings().name") == "app"
    assert import_object("shop.main:Settings(name='shop').name") == "shop"


# ----------------------------------------------------------------------------------- databases


@pytest.mark.parametrize(
    ("reason", "fix"),
    [
        ('FATAL:  too many connections for role "poor"', "run fewer workers with -n."),
        ("User 'poor' has exceeded the 'max_user_connections' resource", "fewer workers with -n."),
        ("No space left on device", "Mend what the server complains of, and run the tests again."),
    ],
)
def test_a_server_without_room_for_another_worker_is_told_from_others(
    reason: str, fix: str
) -> None:
    from test_harness.databases.servers import given_up

    assert given_up("postgresql://127.0.0.1/shop", reason).fix.endswith(fix)


# ----------------------------------------------------------------------------- what was observed

OBSERVED = """
[auth.bad_token_status]
value = 422
instead_of = 401
seen = "GET /me with a forged token answered 422"
where = "shop/main.py:7"
reviewed = false
"""


def test_what_was_observed_counts_until_somebody_says_otherwise(tmp_path: Path) -> None:
    from test_harness.settings import read_settings

    path = tmp_path / "harness.toml"
    build_tree(tmp_path, {"harness.toml": SETTINGS, "observed.toml": OBSERVED})
    assert read_settings(path, {}).auth.bad_token_status == 422
    variable = {"TEST_HARNESS_AUTH_BAD_TOKEN_STATUS": "403"}
    assert read_settings(path, variable).auth.bad_token_status == 403
    path.write_text(SETTINGS + "[auth]\nbad_token_status = 404\n", encoding="utf-8")
    assert read_settings(path, {}).auth.bad_token_status == 404
    path.write_text(SETTINGS + "[auth]\nbad_token_status = 401\n", encoding="utf-8")
    assert read_settings(path, {}).auth.bad_token_status == 422


def test_what_is_written_as_observed_is_read_again(tmp_path: Path) -> None:
    from test_harness.settings.observed import Observation, read_observed, write_observed

    path = tmp_path / "observed.toml"
    assert read_observed(path) == []
    written = [
        Observation("auth", "token_field", "data.tökén", "access_token", 'it said "{}"\\\n'),
        Observation("refusals", "expired", 401, 0, "GET /me answered 401", "a.py:1", reviewed=True),
    ]
    write_observed(path, written)
    assert read_observed(path) == written
    assert path.read_text(encoding="utf-8").count("reviewed = false") == 1


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            OBSERVED.replace("bad_token", "bad_tokens"),
            "observed.toml has an unknown key 'bad_tokens_status' in [auth].\n"
            "  Fix: Rename it to 'bad_token_status'.",
        ),
        (
            OBSERVED.replace("[auth.", "[out."),
            "observed.toml has an unknown section [out].\n"
            "  Fix: Use one of application, auth, budgets, database, databases, flows, fuzz, "
            "harness, limits, refusals, targets, watch.",
        ),
        (
            OBSERVED.replace("reviewed = false", 'reviewed = "no"'),
            "observed.toml has an entry [auth.bad_token_status] whose 'reviewed' cannot be read.\n"
            "  Fix: Write value, instead_of, seen, where, reviewed as in the other entries, or "
            "delete the entry.",
        ),
        (
            "bad_token_status = 422\n",
            "observed.toml says bad_token_status = 422, which is no entry.\n"
            "  Fix: Write it as [section.key] with a value, or delete the line.",
        ),
    ],
    ids=["unknown key", "unknown section", "no truth", "no entry"],
)
def test_entries_that_cannot_be_used_are_named(tmp_path: Path, written: str, message: str) -> None:
    from test_harness.settings import read_settings

    build_tree(tmp_path, {"harness.toml": SETTINGS, "observed.toml": written})
    assert refusal(read_settings, tmp_path / "harness.toml", {}) == message


def test_each_refusal_is_like_others_until_it_is_said_of_it_alone(tmp_path: Path) -> None:
    from test_harness.auth.refusals import LIKE, status_of
    from test_harness.settings.flows import RefusalSettings
    from tests.projects import project_in

    assert set(LIKE) == {known.name for known in dataclasses.fields(RefusalSettings)}
    build_tree(tmp_path, {"harness.toml": f"{SETTINGS}[auth]\nbad_token_status = 422\n"})
    with project_in(tmp_path):
        assert (status_of("expired"), status_of("tampered")) == (422, 422)
        assert (status_of("missing"), status_of("body_half")) == (401, 422)
    build_tree(tmp_path, {"harness.toml": f"{SETTINGS}[refusals]\nexpired = 401\n"})
    with project_in(tmp_path):
        assert {name: status_of(name) for name in LIKE}["expired"] == 401
