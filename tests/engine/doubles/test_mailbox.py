"""The token of a mail is found in whatever way a link shows it, and given as it was made."""

from __future__ import annotations

from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest

from tests.histories import Past, harness_of, write

TOKENS = {
    "https://a.example/reset?token=abc.def-_~": "abc.def-_~",
    "https://a.example/reset?token=YWJj== is your link": "YWJj==",
    "https://a.example/reset?token=YWJj%3D%3D&next=/": "YWJj==",
    "https://a.example/reset?token=ab+c=": "ab+c=",
    "Go to https://a.example/reset?token=abc.def. It is good for an hour.": "abc.def",
    "https://a.example/token/abc/confirm": "abc",
    "(https://a.example/?code=123456), or not": "123456",
}
HTML = {
    '<a href="https://a.example/?user=1&amp;token=abc==&amp;next=/">Reset</a>': "abc==",
    '<a href="https://a.example/?token=abc&#61;">Reset</a>': "abc=",
    "<p>https://a.example/?token=abc.</p>": "abc",
    "<b>https://a.example/?token=abc</b>": "abc",
}
LONG = "x" * 120


def token_in(folder: Path, message: Message) -> str:
    """Return what the mailbox takes for the token of a mail to Ada."""
    models = write(Past("", []), "sqlite", folder)
    with harness_of(folder, models, "sqlite"):
        from test_harness.doubles.mail import Mailbox

        box = Mailbox()
        box.add("ada@example.com", message)
        return box.token_for("ada@example.com")


@pytest.mark.parametrize("text", TOKENS)
def test_a_token_of_a_text(tmp_path: Path, text: str) -> None:
    assert token_in(tmp_path, MIMEText(text)) == TOKENS[text]


@pytest.mark.parametrize("text", HTML)
def test_a_token_of_a_page(tmp_path: Path, text: str) -> None:
    message = MIMEMultipart("alternative")
    message.attach(MIMEText("Open this mail in a browser.", "plain"))
    message.attach(MIMEText(text, "html"))
    assert token_in(tmp_path, message) == HTML[text]


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64"])
def test_a_token_that_is_longer_than_a_line(tmp_path: Path, encoding: str) -> None:
    message = EmailMessage()
    message.set_content(f"Ä: https://a.example/?token={LONG}==", cte=encoding)
    assert token_in(tmp_path, message) == f"{LONG}=="
