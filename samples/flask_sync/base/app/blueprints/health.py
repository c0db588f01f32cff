"""Whether the application works."""

from flask import Blueprint
from sqlalchemy import text

from app.database import db
from app.exchange import Answer, answer
from app.schemas.health import Health

health = Blueprint("health", __name__)


@health.get("/health")
def read_health() -> Answer:
    """Answer 200 when the database answers too."""
    db.session.execute(text("SELECT 1"))
    return answer(Health())
