"""Sends recorded statements once more, by the bare driver, and prints how many seconds that took.

Each database that they were sent to is a new one here. What was committed is committed, without
waiting for a disk.
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from conftest import URL, drop


def connect() -> Any:
    if URL.get_backend_name() == "sqlite":
        return sqlite3.connect(":memory:", isolation_level=None)
    import psycopg

    drop()
    address = URL.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(address, autocommit=True)
    connection.execute("SET synchronous_commit = off")
    return connection


def main() -> None:
    seconds = 0.0
    for statements in json.loads(Path(os.environ["RECORDED"]).read_text("utf-8")):
        with closing(connect()) as connection:
            cursor = connection.cursor()
            began = time.perf_counter()
            cursor.execute("BEGIN")
            for statement, parameters in statements:
                cursor.execute(statement, parameters)
                if statement == "COMMIT":
                    cursor.execute("BEGIN")
            seconds += time.perf_counter() - began
    print(f"replayed in {seconds:.6f} s")


if __name__ == "__main__":
    main()
