"""/auth/me/avatar: the picture of a user."""

import pytest
from test_harness import assert_status

from factories import UserFactory

PATH = "/auth/me/avatar"
PNG = b"\x89PNG\r\n\x1a\n and so on"
JPEG = b"\xff\xd8\xff and so on"


@pytest.fixture
def client(client_as, db):
    return client_as(UserFactory.create())


def upload(client, content):
    # The name and the type are what the sender says, and count for nothing.
    return client.put(PATH, files={"file": ("picture.gif", content, "image/gif")})


def test_the_newest_picture_is_shown(client):
    assert_status(client.get(PATH), 404)

    for content, content_type in [(PNG, "image/png"), (JPEG, "image/jpeg")]:
        assert_status(upload(client, content), 204)

        shown = client.get(PATH)
        assert (shown.status_code, shown.content) == (200, content)
        assert shown.headers["Content-Type"] == content_type


@pytest.mark.parametrize(
    ("content", "status"), [(b"GIF89a", 415), (b"", 415), (PNG.ljust(50_001), 413)]
)
def test_what_is_no_small_picture_is_refused(client, content, status):
    assert_status(upload(client, content), status)

    assert_status(client.get(PATH), 404)
