"""The database that a synchronous application is served on, and what is played on it."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import Any

from sqlalchemy.orm import Session

from test_harness.application.sessions import let_go_of_connections
from test_harness.runtime.process import runtime
from test_harness.scenarios.finding import find_scenario


class Stage:
    """A copy of the test database, for real commits; one thing at a time is done to it.

    Args:
        session: What factories write through.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._turn = threading.Lock()
        self._lent = ExitStack()

    def __enter__(self) -> Stage:
        self._lent.enter_context(runtime().own_database())
        return self

    def __exit__(self, *raised: object) -> None:
        let_go_of_connections()
        runtime().seam.close_real_connections()
        self._lent.close()

    def play(self, name: str) -> Any:
        """Play a scenario, and return what it made.

        Raises:
            HarnessError: There is none of that name.
        """
        with self._turn:
            made = find_scenario(name)()
            self._session.commit()
            return made

    def reset(self) -> None:
        """Be as at the beginning."""
        with self._turn:
            self.__exit__()
            self.__enter__()
