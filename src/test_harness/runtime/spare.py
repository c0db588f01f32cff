"""The copy of the test database that tests with real commits use, one after another.

To copy a database takes longer than most tests. So the copy is kept, and after each test what it
was copied with is put back; where that is not certain, the next test gets a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from test_harness.databases.database import Baseline, KeptDatabase


class Spare:
    """Lends a copy to one test at a time.

    Args:
        make: Returns a database that is not created yet.
        create: Creates it as a copy, and returns what it is a copy of.
        newest: Returns what it would be a copy of now.
    """

    def __init__(
        self,
        make: Callable[[], KeptDatabase],
        create: Callable[[KeptDatabase], object],
        newest: Callable[[], object],
    ) -> None:
        self._make, self._create, self._newest = make, create, newest
        self._database: KeptDatabase | None = None
        self._baseline: Baseline | None = None
        self._of: object = None

    @contextmanager
    def lent(self) -> Iterator[KeptDatabase]:
        """Within the block a copy belongs to whoever asked for it.

        Raises:
            ProvisioningError: It cannot be created.
        """
        if self._database is None or self._of is not self._newest():
            self.drop()
            self._database = self._make()
            self._of = self._create(self._database)
            self._baseline = self._database.baseline()
        try:
            yield self._database
        finally:
            if self._baseline is None or not self._baseline.restore():
                self.drop()

    def drop(self) -> None:
        """Remove the copy, if there is one."""
        database, self._database = self._database, None
        baseline, self._baseline = self._baseline, None
        try:
            if baseline is not None:
                baseline.close()
        finally:
            if database is not None:
                database.drop()
