"""/auth/me/avatar: the picture of a user."""

import pytest
from test_harness import assert_status

from factories import UserFactory

PATH = "/auth/me/avatar"
PNG = b"\x89PNG\r\n\x1a\n and so on"
JPEG = b"\xff\xd8\xff and so on"


@pytest.fixture
async def client(client_as, db):
    return await client_as(await UserFactory.create_async())


async def upload(client, content):
    # The name and the type are what the sender says, and count for nothing.
    return await client.put(PATH, files={"file": ("picture.gif", content, "image/gif")})


async def test_the_newest_picture_is_shown(client):
    assert_status(await client.get(PATH), 404)

    for content, content_type in [(PNG, "image/png"), (JPEG, "image/jpeg")]:
        assert_status(await upload(client, content), 204)

        shown = await client.get(PATH)
        assert (shown.status_code, shown.content) == (200, content)
        assert shown.headers["Content-Type"] == content_type


@pytest.mark.parametrize(
    ("content", "status"), [(b"GIF89a", 415), (b"", 415), (PNG.ljust(50_001), 413)]
)
async def test_what_is_no_small_picture_is_refused(client, content, status):
    assert_status(await upload(client, content), status)

    assert_status(await client.get(PATH), 404)
