"""Which drivers of the test database's kind are installed, for addresses that name one."""

from __future__ import annotations

import importlib.util

from test_harness.demands.shapes import ASYNC_DRIVERS, SYNC_DRIVERS
from test_harness.settings import settings

_MODULES = {"mysqldb": "MySQLdb", "mysqlconnector": "mysql.connector", "pysqlite": "sqlite3"}


def drivers_for(wanted: str) -> tuple[str, list[str]]:
    """Return the kind of the test database, and drivers that an address may name.

    Args:
        wanted: `async` where an asynchronous engine asked, else empty.
    """
    database = settings().database
    engine = {"mariadb": "mysql"}.get(database.engine, database.engine)
    known = (database.driver, database.sync_driver)
    if wanted == "async":
        fit = ASYNC_DRIVERS.get(engine, ())
    elif settings().application.mode == "sync":
        fit = SYNC_DRIVERS.get(engine, ())
    else:
        fit = (*ASYNC_DRIVERS.get(engine, ()), *SYNC_DRIVERS.get(engine, ()))
    order = [*(driver for driver in known if driver in fit), *fit]
    return engine, [driver for driver in dict.fromkeys(order) if _is_installed(driver)]


def _is_installed(driver: str) -> bool:
    try:
        return importlib.util.find_spec(_MODULES.get(driver, driver)) is not None
    except ImportError:
        return False
