"""A double of the mail server: what smtplib and aiosmtplib send ends in the test's `mailbox`."""

from __future__ import annotations

import html
import importlib.util
import re
import smtplib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any
from urllib.parse import unquote

import pytest

from test_harness.settings import settings

OK = (250, b"OK")
TRIES = 50


@dataclass
class Mailbox:
    """The mails that were sent, oldest first."""

    messages: list[EmailMessage] = field(default_factory=list)

    def to(self, address: str) -> list[EmailMessage]:
        """Return the mails to an address."""
        return [message for message in self.messages if address in message["X-Envelope-To"]]

    def token_for(self, address: str) -> str:
        """Return the token in the newest mail to an address that has one.

        A test whose mails have none is skipped: their links are made elsewhere, or written in a
        way that the settings do not say.

        Raises:
            AssertionError: There is no mail.
        """
        for _ in range(TRIES):
            for message in reversed(self.to(address)):
                for text in _texts_of(message):
                    if found := re.search(settings().flows.mail_token_pattern, text):
                        return _as_sent(next(filter(None, found.groups()), found.group()))
            if threading.active_count() == 1:
                break
            time.sleep(0.01)  # A thread of the application may be sending it.
        if sent := self.to(address):
            pytest.skip(
                "the application has no mail with a link or code that is known (answer "
                f"flows.mail_token_pattern of harness.toml): {sent[-1]['subject']!r} has none"
            )
        others = [f"{one['X-Envelope-To']}: {one['subject']}" for one in self.messages]
        raise AssertionError(
            f"no mail to {address} was sent; there are {others or 'no mails'}. If the application "
            "sends it in another way than by SMTP, empty the path of this step in [flows] of "
            "harness.toml."
        )

    def add(self, recipients: Any, content: Message | str | bytes) -> None:
        """Put a mail in."""
        if isinstance(content, str):
            content = content.encode()
        if isinstance(content, Message):
            content = content.as_bytes()
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        given = recipients or message["to"]
        message["X-Envelope-To"] = given if isinstance(given, str) else ", ".join(map(str, given))
        self.messages.append(message)


def text_of(message: EmailMessage) -> str:
    """Return what a mail says."""
    body = message.get_body(("plain", "html"))
    return str(body.get_content()) if body else ""


def _texts_of(message: EmailMessage) -> Iterator[str]:
    """Yield what a mail says, in each of its forms, as a reader sees it."""
    for form in ("plain", "html"):
        body = message.get_body((form,))
        if body:
            text = str(body.get_content())
            yield html.unescape(text) if form == "html" else text


def _as_sent(token: str) -> str:
    """Return a token as the application made it, without what its link or sentence adds."""
    return unquote(token).rstrip(".")


_box = Mailbox()


@contextmanager
def undone() -> Iterator[None]:
    """Forget after the block the mails that were sent within it."""
    before = len(_box.messages)
    try:
        yield
    finally:
        del _box.messages[before:]


def sent() -> Mailbox:
    """Return the mails that were sent in this test, for what is no fixture."""
    return _box


@pytest.fixture(scope="session", autouse=True)
def _no_mail_leaves() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        _take_over_smtplib(patch)
        if importlib.util.find_spec("aiosmtplib"):
            _take_over_aiosmtplib(patch)
        yield


@pytest.fixture
def mailbox() -> Mailbox:
    """The mails that this test has the application send."""
    _box.messages.clear()
    return _box


def _take_over_smtplib(patch: pytest.MonkeyPatch) -> None:
    # The commands of the protocol, because there are subclasses with a `sendmail` of their own.
    def rcpt(self: Any, to: str, *rest: Any) -> tuple[int, bytes]:
        vars(self).setdefault("recipients", []).append(to)
        return OK

    def data(self: Any, content: str | bytes) -> tuple[int, bytes]:
        _box.add(vars(self).pop("recipients"), content)
        return OK

    patch.setattr(smtplib.SMTP, "rcpt", rcpt)
    patch.setattr(smtplib.SMTP, "data", data)
    patch.setattr(smtplib.SMTP, "connect", lambda *args, **kwargs: (220, b"ready"))
    patch.setattr(smtplib.SMTP, "docmd", lambda *args, **kwargs: (221, b"closing"))
    for name in ("ehlo", "helo", "login", "mail", "noop", "quit", "starttls"):
        patch.setattr(smtplib.SMTP, name, lambda *args, **kwargs: OK)


def _take_over_aiosmtplib(patch: pytest.MonkeyPatch) -> None:
    import aiosmtplib

    async def sendmail(self: Any, sender: str, to: Any, content: Any, **more: Any) -> Any:
        _box.add(to, content)
        return {}, "OK"

    async def send_message(self: Any, message: Any, **more: Any) -> Any:
        _box.add(more.get("recipients"), message)
        return {}, "OK"

    async def accept(self: Any, *args: Any, **kwargs: Any) -> Any:
        return aiosmtplib.SMTPResponse(250, "OK")

    patch.setattr(aiosmtplib.SMTP, "sendmail", sendmail)
    patch.setattr(aiosmtplib.SMTP, "send_message", send_message)
    for name in ("connect", "ehlo", "helo", "login", "noop", "quit", "starttls"):
        patch.setattr(aiosmtplib.SMTP, name, accept)
