"""The application as synchronous tests call it."""

from test_harness import assert_status


def test_the_application_is_well(sync_client):
    assert assert_status(sync_client.get("/health"), 200) == {"status": "ok"}
