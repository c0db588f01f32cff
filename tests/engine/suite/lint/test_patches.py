"""What is patched is looked at in the running code, under pytest, and no test is run."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.engine.suite.lint.test_documented import SECTIONS
from tests.worlds import build_tree, run

MAIL = '''\
"""Sends mail."""


def send(to, text):
    return len(to) + len(text)


def hang_up():
    return None


class Sender:
    def send(self, to):
        return to
'''
TESTS = """\
from unittest.mock import patch

import pytest

from app import mail

open("ran.txt", "w").close()


def test_gone(monkeypatch):
    monkeypatch.setattr("app.mail.deliver", print)  # TH702
    with patch("app.letters.send"):  # TH702
        assert mail.send("a", "b") == 2


@patch("app.mail.deliver")  # TH702
async def test_gone_above(deliver):
    assert mail.send("a", "b") == 2


class TestOther:
    def test_of_an_object(self, monkeypatch):
        with patch.object(mail, "deliver"):  # TH702
            assert mail.send("a", "b") == 2

    def test_too_few(self, monkeypatch):
        monkeypatch.setattr(mail, "send", lambda to: 1)  # TH703
        assert mail.send("a", "b") == 2

    async def test_too_many(self, monkeypatch):
        def hang_up(line):
            return None

        monkeypatch.setattr("app.mail.hang_up", hang_up)  # TH703
        assert mail.hang_up() is None

    def test_called_otherwise(self):
        with patch("app.mail.send") as send:
            mail.send("a", "b")
        send.assert_called_once_with("a", "b", "c")  # TH703

    def test_called_otherwise_on_an_object(self):
        with patch("app.mail.Sender.send") as send:
            mail.Sender().send("a")
        send.assert_called_once_with("a", html=True)  # TH703


def test_as_it_is(monkeypatch):
    monkeypatch.setattr("app.mail.send", lambda to, text: 1)
    monkeypatch.setattr(mail, "hang_up", lambda *rest: None)
    with patch("app.mail.open") as opened, patch("app.mail.Sender.send") as send:
        mail.Sender().send("a")
    send.assert_called_once_with("a")
    assert not opened.called
"""
CODES = re.compile(r"  # (TH\d+)$")
CONFTEST = 'import os\n\nos.environ["MODE"] = "test"\n'
# An application that its tests have to prepare.
APP = 'import os\n\nassert os.environ["MODE"] == "test"\n'


def test_doubles_of_what_is_gone_or_is_another_are_found(tmp_path: Path) -> None:
    tree = {
        "pytest.ini": "[pytest]\npythonpath = .\naddopts = -p no:asyncio\n",
        "app/__init__.py": APP,
        "app/mail.py": MAIL,
        "tests/conftest.py": CONFTEST,
        "tests/test_mail.py": TESTS,
        "tests/test_weak.py": SECTIONS["TH702"]["weak"],
        "tests/test_weak_too.py": SECTIONS["TH703"]["weak"],
        "tests/test_better.py": SECTIONS["TH702"]["better"] + SECTIONS["TH703"]["better"],
        "tests/test_nowhere.py": "from unittest.mock import patch\n\n\n"
        '@patch("fortran.send")\ndef test_nowhere(send):\n    assert send("a")\n',
    }
    build_tree(tmp_path, tree)
    done = run(sys.executable, "-m", "test_harness", "lint", "--run", cwd=tmp_path, check=False,
               PYTHONPATH=":".join(sys.path))  # fmt: skip
    lines = enumerate(TESTS.splitlines(), 1)
    expected = {
        ("tests/test_mail.py", number, match[1])
        for number, line in lines
        if (match := CODES.search(line))
    }
    expected |= {
        ("tests/test_weak.py", 2, "TH702"),
        ("tests/test_weak_too.py", 3, "TH703"),
        ("tests/test_nowhere.py", 4, "TH702"),
    }
    found = re.findall(r"^(\S+?):(\d+):\d+: (TH70[23]) ", done.stdout, re.MULTILINE)
    assert {(path, int(line), code) for path, line, code in found} == expected, done.stdout
    assert "`app.mail` has no `deliver` any more" in done.stdout
    assert not (tmp_path / "ran.txt").exists()


def test_what_cannot_be_imported_is_said_and_no_finding(tmp_path: Path) -> None:
    tree = {
        "pytest.ini": "[pytest]\npythonpath = .\naddopts = -p no:asyncio\n",
        "app/__init__.py": APP,
        "tests/test_mail.py": SECTIONS["TH702"]["better"],
    }
    build_tree(tmp_path, tree)
    done = run(sys.executable, "-m", "test_harness", "lint", "--run", cwd=tmp_path,
               PYTHONPATH=":".join(sys.path))  # fmt: skip
    assert "1 patch was not looked at: app.mail cannot be imported: KeyError" in done.stdout
