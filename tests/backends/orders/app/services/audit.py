import logging
from typing import Any

from app.db.session import SessionLocal
from app.models.audit import AuditLog

logger = logging.getLogger(__name__)


def write_audit(
    action: str,
    *,
    entity: str,
    entity_id: int,
    user_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Run as a background task: the session of the request is gone by then."""
    db = SessionLocal()
    try:
        db.add(
            AuditLog(
                action=action,
                entity=entity,
                entity_id=entity_id,
                user_id=user_id,
                details=details or {},
            )
        )
        db.commit()
    except Exception:
        db.rollback()
        logger.exception("audit entry %s for %s %s was not written", action, entity, entity_id)
    finally:
        db.close()
