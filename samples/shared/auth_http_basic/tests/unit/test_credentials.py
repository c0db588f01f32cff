"""The header is read as RFC 7617 says, and nothing else passes for it."""

from base64 import b64encode

import pytest

from app.credentials import name_and_password


def encoded(text):
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize("scheme", ["Basic", "basic"])
def test_a_password_may_have_any_letter(scheme):
    header = f"{scheme} {encoded('ada@example.com:pläin: text')}"

    assert name_and_password(header) == ("ada@example.com", "pläin: text")


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic ?", "Basic /w==", f"Basic {encoded('ada')}", f"Bearer {encoded('a:b')}"],
)
def test_anything_else_says_nothing(header):
    assert name_and_password(header) is None
