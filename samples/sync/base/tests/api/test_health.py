"""GET /health."""

from test_harness import assert_status


def test_it_is_well_when_the_database_answers(client):
    assert assert_status(client.get("/health"), 200) == {"status": "ok"}
