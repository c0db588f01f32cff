"""The worker's jobs: synchronous tests, beside the asynchronous ones of the application."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.jobs import purge_items
from app.models import Item
from app.models.base import utc_now
from factories import ItemFactory


@pytest.fixture
def long_ago():
    return utc_now() - timedelta(days=100)


def test_items_deleted_long_ago_are_purged(sync_db, long_ago):
    ItemFactory.create(deleted_at=long_ago)
    kept = ItemFactory.create()
    sync_db.commit()

    assert purge_items(long_ago + timedelta(days=1)) == 1

    assert sync_db.scalars(select(Item.id)).all() == [kept.id]


def test_an_item_deleted_lately_is_kept(sync_db, long_ago):
    ItemFactory.create(deleted_at=long_ago)
    sync_db.commit()

    assert purge_items(long_ago - timedelta(days=1)) == 0


# The worker's driver may have a connection of its own, which sees what is committed for real.
@pytest.mark.real_commits
async def test_the_worker_sees_what_the_application_committed(db, long_ago):
    await ItemFactory.create_async(deleted_at=long_ago)
    await db.commit()

    assert purge_items(long_ago + timedelta(days=1)) == 1

    assert await db.scalar(select(Item)) is None
