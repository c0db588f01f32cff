import importlib
import pkgutil

import redis
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from portal import config, models

engine = create_engine(config.DSN)
sessions = sessionmaker(bind=engine)
cache = redis.Redis.from_url(config.BROKER or "redis://")

for found in pkgutil.iter_modules(models.__path__):
    importlib.import_module(f"portal.models.{found.name}")


def get_session():
    session = sessions()
    try:
        yield session
    except ValueError, TypeError:
        session.rollback()
    finally:
        session.close()
