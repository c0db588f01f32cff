"""Fixtures for tests that speak to the application over HTTP."""

import re

import pytest

from app import mail


class Outbox:
    """The mails of a test, which reach nobody."""

    def __init__(self):
        self.sent = []

    def send(self, recipient, subject, text):
        self.sent.append((recipient, subject, text))

    def subjects(self):
        """Return to whom something was sent, and about what."""
        return [(recipient, subject) for recipient, subject, _ in self.sent]

    def token(self):
        """Return the token in the link of the newest mail."""
        return re.search(r"token=(\S+)", self.sent[-1][2])[1]


@pytest.fixture
def outbox(monkeypatch):
    """Stands in for the mail server."""
    outbox = Outbox()
    monkeypatch.setattr(mail, "send", outbox.send)
    return outbox
