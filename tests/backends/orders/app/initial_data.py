"""Create the first superuser: python -m app.initial_data"""

import getpass
import logging

from app.core.config import settings
from app.db.session import SessionLocal
from app.schemas.user import UserCreate
from app.services import users as user_service

logger = logging.getLogger(__name__)


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    with SessionLocal() as db:
        if user_service.get_by_email(db, settings.FIRST_SUPERUSER):
            logger.info("%s exists already", settings.FIRST_SUPERUSER)
            return
        password = settings.FIRST_SUPERUSER_PASSWORD or getpass.getpass("Password: ")
        user_service.create_user(
            db,
            UserCreate(
                email=settings.FIRST_SUPERUSER,
                full_name="Administrator",
                password=password,
                is_superuser=True,
            ),
        )
        logger.info("created %s", settings.FIRST_SUPERUSER)


if __name__ == "__main__":
    main()
