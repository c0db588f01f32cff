"""GET /health."""

from test_harness import assert_status


async def test_it_is_well_when_the_database_answers(client):
    assert assert_status(await client.get("/health"), 200) == {"status": "ok"}
