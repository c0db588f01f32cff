"""Only who can read the cookie can repeat it."""

import pytest

from app.csrf import check_csrf, new_csrf_token
from app.errors import Forbidden

TOKEN = new_csrf_token()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("cookie", "header"),
    [(TOKEN, ""), ("", TOKEN), ("", ""), (TOKEN, "é")],
    ids=["no header", "no cookie", "neither", "another header"],
)
def test_a_change_needs_the_header(method, cookie, header):
    with pytest.raises(Forbidden, match="has to repeat the cookie"):
        check_csrf(method, cookie, header)


def test_a_repeated_cookie_is_enough():
    check_csrf("POST", TOKEN, TOKEN)


def test_reading_needs_no_header():
    check_csrf("GET", "", "")
