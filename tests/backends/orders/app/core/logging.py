import logging

from app.core.config import settings


def setup_logging() -> None:
    logging.basicConfig(
        level=settings.LOG_LEVEL,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    # one line per request is what the proxy already writes
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
