"""Discovery reads files of any kind: import roots, broken code, links, and what is no backend."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from extensions.discovery import Facts, discover, message
from extensions.discovery.code.distance import aside
from extensions.discovery.code.files import LARGEST
from extensions.discovery.report.table import report
from tests.discovery.snippets import APP, BASE, proposed
from tests.worlds import build_tree, files_of


@pytest.mark.parametrize(
    ("files", "roots", "address"),
    [
        ({"app/main.py": APP, "app/x.py": "import app.main\n"}, ["."], "app.main:app"),
        ({"src/app/main.py": APP, "src/app/x.py": "import app.main\n"}, ["src"], "app.main:app"),
        (
            {"api/src/app/main.py": APP, "api/src/app/x.py": "import app.main\n"},
            ["api/src"],
            "app.main:app",
        ),
        (
            {"src/__init__.py": "", "src/main.py": APP, "src/x.py": "import src.main\n"},
            ["."],
            "src.main:app",
        ),
        (
            {"__init__.py": "", "main.py": APP, "x.py": "import shop.main\n"},
            [".."],
            "shop.main:app",
        ),
        (
            {
                "main.py": APP + ("import core.logging\nimport logging\n"),
                "core/logging.py": "import logging\n",
            },
            ["."],
            "main:app",
        ),
    ],
)
def test_import_roots_are_found(
    tmp_path: Path, files: dict[str, str], roots: list[str], address: str
) -> None:
    proposals = proposed(tmp_path / "shop", files)
    assert (proposals["import_roots"], proposals["app_path"]) == (roots, address)


BROKEN = {
    "syntax error": b"def broken(:\n    pass\n",
    "Python 3.14": b"try:\n    pass\nexcept A, B:\n    pass\n\ndef f[T](x: T): ...\ntype X = int\n",
    "BOM": b"\xef\xbb\xbfx = 1\n",
    "UTF-16": "x = 'ä'\n".encode("utf-16"),
    "Latin-1": "# -*- coding: latin-1 -*-\nname = 'Jürgen'\n".encode("latin-1"),
    "undeclared Latin-1": "name = 'Jürgen'\n".encode("latin-1"),
    "NUL": b"x = 1\n\0\0\n",
    "nothing": b"",
    "deep": b"x = " + b"(" * 5000 + b")" * 5000 + b"\n",
    "unclosed": b"x = '''\nnever ends\n",
    "binary": bytes(range(256)) * 8,
    "tabs": b"def f():\n\tif 1:\n        pass\n",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_cannot_be_read_stops_nothing(tmp_path: Path, broken: bytes) -> None:
    build_tree(tmp_path, {"app/main.py": APP + "from app import odd\n", "app/models.py": BASE})
    (tmp_path / "app" / "odd.py").write_bytes(broken)
    facts = Facts(tmp_path)
    assert facts["app_path"].value == "app.main:app"
    assert facts["metadata"].value["base"] == "app.models:Base"
    assert facts.notes == []


@pytest.mark.parametrize(
    "name",
    [name for name in BROKEN if name not in ("UTF-16", "deep", "nothing", "binary", "unclosed")],
)
def test_the_rest_of_a_broken_file_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "web.py").write_bytes(BROKEN[name] + APP.encode())
    assert discover(tmp_path)["app_path"] == "web:app"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pyproject.toml", "[project\n"),
        ("pyproject.toml", "project = 3\n[tool]\nalembic = []\npoetry = 1\n"),
        ("setup.cfg", "[options\nx"),
        ("alembic.ini", "script_location\n"),
        ("alembic.ini", "[alembic]\nscript_location = ../../../etc\n"),
        ("docker-compose.yml", "services: [1, {2: 3}]\n"),
        ("docker-compose.yml", "a: &a [*a]\nservices: {x: {environment: 5, image: 7}}\n"),
        ("docker-compose.yml", "{{ jinja }}: [\n"),
        (".env.example", "=\n==\nA\nB=\n\0C=${D:-${E}}\n"),
        ("Pipfile", "]"),
        ("requirements.txt", "-r\n@\n[]\n# x\n-e .\n"),
    ],
)
def test_other_files_may_be_broken_too(tmp_path: Path, name: str, content: str) -> None:
    facts = Facts(build_tree(tmp_path, {"main.py": APP, name: content}))
    assert facts["app_path"].value == "main:app"
    assert facts.notes == []


def test_what_is_no_file_of_the_backend_is_left_alone(tmp_path: Path) -> None:
    outside = build_tree(tmp_path / "outside", {"main.py": APP, "secret.py": APP})
    root = build_tree(tmp_path / "root", {"web/site.py": APP.replace("app =", "site =")})
    (root / "loop").symlink_to(root, target_is_directory=True)
    (root / "web" / "loop").symlink_to(root / "web", target_is_directory=True)
    (root / "linked").symlink_to(outside, target_is_directory=True)
    (root / "main.py").symlink_to(outside / "main.py")
    (root / "gone.py").symlink_to(root / "nowhere.py")
    (root / "self.py").symlink_to(root / "self.py")
    (root / "app.py").mkdir()
    if sys.platform != "win32":
        os.mkfifo(root / "pipe.py")
    assert discover(root)["python_files"] == 1
    assert discover(root)["app_path"] == "web.site:site"


def test_a_link_inside_of_the_backend_counts(tmp_path: Path) -> None:
    root = build_tree(tmp_path, {"code/web.py": APP})
    (root / "main.py").symlink_to(root / "code" / "web.py")
    assert discover(root)["python_files"] == 2


@pytest.mark.parametrize(
    "folder", ["node_modules/x", ".venv/lib", "venv", "build/lib", "dist", "env", "vendor", ".git"]
)
def test_what_others_wrote_is_skipped(tmp_path: Path, folder: str) -> None:
    assert proposed(tmp_path, {f"{folder}/main.py": APP})["python_files"] == 0


VENDOR = BASE.replace("User", "Vendor").replace("class Base(DeclarativeBase):\n    pass\n", "")
VENDOR = VENDOR.replace("from sqlalchemy.orm import DeclarativeBase", "from app.base import Base")
FOUNDATION = "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase):\n    pass\n"


@pytest.mark.parametrize("folder", ["vendor", "env", "build", "dist", "third_party", "eggs"])
@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("app/main.py", "from app.FOLDER.models import Vendor"),
        ("app/main.py", "import app.FOLDER.models"),
        ("app/main.py", "from .FOLDER.models import Vendor"),
        ("app/main.py", "from .FOLDER import models"),
        ("app/main.py", "from app.FOLDER import (\n    models,\n)"),
        ("app/api/routes.py", "from ..FOLDER import models"),
        ("app/main.py", "MODELS = ['app.FOLDER.models']"),
        ("app/__init__.py", "import pkgutil\nfor one in pkgutil.iter_modules(__path__): load(one)"),
    ],
)
def test_a_package_of_the_application_is_read_whatever_it_is_called(
    tmp_path: Path, folder: str, where: str, line: str
) -> None:
    files = {"app/main.py": APP, "app/base.py": FOUNDATION, f"app/{folder}/models.py": VENDOR}
    code = f"{line.replace('FOLDER', folder)}\n"
    facts = Facts(build_tree(tmp_path, {**files, where: f"{files.get(where, '')}{code}"}))
    assert facts.models == [f"app.{folder}.models:Vendor"]
    assert facts.left_out == []


@pytest.mark.parametrize("folder", ["samples", "tests", "demo", "legacy", "scripts"])
def test_what_the_application_imports_does_not_lie_aside(tmp_path: Path, folder: str) -> None:
    files = {
        "app/main.py": f"from app.{folder}.models import Vendor\n{APP}",
        "app/base.py": FOUNDATION,
        f"app/{folder}/models.py": VENDOR,
    }
    assert Facts(build_tree(tmp_path, files)).models == [f"app.{folder}.models:Vendor"]


def test_what_is_only_imported_from_such_a_package_is_read_as_well(tmp_path: Path) -> None:
    files = {
        "app/main.py": f"from app.vendor import models\n{APP}",
        "app/base.py": FOUNDATION,
        "app/vendor/models.py": f"from .build import plans\n{VENDOR}",
        "app/vendor/build/plans.py": "PLANS = 1\n",
    }
    facts = Facts(build_tree(tmp_path, files))
    assert (facts.python_files, facts.left_out) == (4, [])


@pytest.mark.parametrize(
    "line",
    [
        "import build",
        "from build import ProjectBuilder",
        "from other.build import lib",
        "from . import settings",
        "import rebuild.lib",
    ],
)
def test_what_a_tool_made_is_left_out_and_named(tmp_path: Path, line: str) -> None:
    files = {"app/main.py": f"{line}\n{APP}", "build/lib/app/main.py": APP, "dist/x.whl": ""}
    facts = Facts(build_tree(tmp_path, files))
    assert facts.python_files == 1
    assert [(one.folder, one.why, one.files) for one in facts.left_out] == [
        ("build", "nothing imports it", 1)
    ]
    assert re.search(r"^left out +build +1 Python file +nothing imports it$", report(facts), re.M)
    assert "Nothing imports build (1 Python file)." in message(facts)


def test_an_environment_is_left_out_even_where_a_module_goes_by_its_name(tmp_path: Path) -> None:
    files = {"env/pyvenv.cfg": "", "env/lib/x.py": "", "main.py": f"from env.lib import x\n{APP}"}
    facts = Facts(build_tree(tmp_path, files))
    assert facts.python_files == 1
    assert [(one.folder, one.why) for one in facts.left_out] == [("env", "an environment")]


def test_where_nothing_is_read_it_is_said_what_was_there(tmp_path: Path) -> None:
    facts = Facts(build_tree(tmp_path, {"vendor/main.py": APP}))
    assert message(facts).splitlines()[1:] == ["Nothing imports vendor (1 Python file)."]


def test_an_environment_of_any_name_is_skipped(tmp_path: Path) -> None:
    files = {"py313/pyvenv.cfg": "", "py313/main.py": APP, "web.py": APP}
    proposals = proposed(tmp_path, files)
    assert (proposals["python_files"], proposals["app_path"]) == (1, "web:app")


def test_a_generated_file_is_skipped_and_named(tmp_path: Path) -> None:
    build_tree(tmp_path, {"main.py": APP})
    (tmp_path / "generated.py").write_bytes(b"x = 1\n" * (10 * LARGEST // 6))
    facts = Facts(tmp_path)
    assert facts["app_path"].value == "main:app"
    assert facts.notes == ["generated.py is too large to be read."]


def test_nothing_of_the_backend_is_run(tmp_path: Path) -> None:
    build_tree(
        tmp_path,
        {
            "main.py": f"{APP}open('ran', 'w')\nraise SystemExit\n",
            "setup.py": "raise SystemExit('never run')\n",
            "conftest.py": "raise SystemExit('never imported')\n",
        },
    )
    before = files_of(tmp_path)
    assert discover(tmp_path)["app_path"] == "main:app"
    assert files_of(tmp_path) == before
    assert "main" not in sys.modules


@pytest.mark.parametrize(
    ("path", "distance"),
    [
        ("app/main.py", 0),
        ("app/testing_ground/main.py", 0),
        ("app/latest.py", 0),
        ("scripts/fill.py", 1),
        ("alembic/env.py", 1),
        ("alembic/versions/0001.py", 2),
        ("examples/main.py", 2),
        ("tests/main.py", 3),
        ("app/test_main.py", 3),
        ("conftest.py", 3),
    ],
)
def test_what_lies_aside_is_known_by_its_path(path: str, distance: int) -> None:
    assert aside(path) == distance


def test_a_module_that_is_called_like_the_package_it_wraps(tmp_path: Path) -> None:
    main = """\
from litestar import Litestar, post
from shop.data import Credentials


@post("/login")
async def login(data: Credentials) -> dict[str, str]:
    return {"token": create_access_token(data.name)}


app = Litestar(route_handlers=[login])
"""
    data = "import msgspec\n\n\nclass Data(msgspec.Struct):\n    pass\n\n\n"
    files = {
        "shop/data.py": f"{data}class Credentials(Data):\n    name: str\n    password: str\n",
        "shop/wire/__init__.py": "",
        "shop/wire/msgspec.py": "import msgspec\n\nencode = msgspec.json.encode\n",
        "shop/__init__.py": "",
        "main.py": main,
    }
    assert proposed(tmp_path, files)["login_path"] == "/login"
