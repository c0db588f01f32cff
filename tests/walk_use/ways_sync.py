"""What only routes in threads can do."""

from __future__ import annotations

import threading
import time
from typing import Any

from fastapi import APIRouter

router = APIRouter()


def pause(seconds: float) -> None:
    time.sleep(min(seconds, 4))


def commit_past(connection: Any) -> None:
    connection.connection.driver_connection.pgconn.exec_(b"COMMIT")


@router.post("/task")
def task() -> None:
    from kiosk.app import sessions
    from kiosk.models import labels

    def write() -> None:
        time.sleep(0.05)
        with sessions() as opened:
            opened.execute(labels.insert().values(name="by a task"))
            opened.commit()

    threading.Thread(target=write).start()
