"""Jobs that run beside the application, in a worker that is synchronous: `python -m app.jobs`."""

from datetime import datetime, timedelta

from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from app.models import Item
from app.models.base import utc_now


class WorkerSettings(BaseSettings):
    """What a deployment decides for its workers."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    sync_database_url: str


engine = create_engine(WorkerSettings.model_validate({}).sync_database_url)


def purge_items(deleted_before: datetime) -> int:
    """Remove the rows of items that were deleted before a moment, and return how many."""
    with Session(engine) as session:
        found = session.scalars(select(Item).where(Item.deleted_at < deleted_before)).all()
        for item in found:
            session.delete(item)
        session.commit()
    return len(found)


if __name__ == "__main__":
    purge_items(utc_now() - timedelta(days=90))
