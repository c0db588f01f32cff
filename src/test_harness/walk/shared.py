"""A world that looks share, one after the other: to make one for each costs more than they do.

Its rows outlive the test that made them, and what a look does is undone. It says only that nothing
is wrong: of what is wrong in it the reason may be what looks before have left in the application,
such as a token that was revoked in memory. So that is looked at again in a world of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from test_harness.errors import IsolationError
from test_harness.factories.base import bound_session
from test_harness.runtime.process import runtime
from test_harness.walk.finding import Finding
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.world import World, build_world

# For so many seconds what was given at a login is taken for good.
LASTS = 60.0
# After so many worlds that looks have spoilt, each has one of its own.
MOST_SPOILT = 3

Looking = Callable[[World], Steps[list[Finding]]]


class SharedWorld:
    """Has oracles look at a world that is there already, where there is one.

    Args:
        clock: Returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._world: World | None = None
        self._until = 0.0
        self._spoilt = 0

    def look(self, looking: Looking) -> Steps[list[Finding]]:
        """Return what is wrong, as it is in a world that nothing else has happened in.

        Args:
            looking: Returns it for a world.

        Raises:
            HarnessError: What it raises, or no world can be made.
        """
        is_shared = yield self._can_be_shared
        if is_shared:
            if (yield from self._is_fine_in_shared(looking)):
                return []
            yield self._start_over
        world = yield from build_world()
        found = yield from looking(world)
        self._spoilt += is_shared and not found
        return found

    def let_go(self) -> None:
        """Have the end of the test that runs undo it."""
        self._world = None
        runtime().seam.rows.kept.let_go()

    def _is_fine_in_shared(self, looking: Looking) -> Steps[bool]:
        kept = runtime().seam.rows.kept
        if self._world is None or self._clock() > self._until or not kept.are_there(self):
            yield self._start_over
            self._world = yield from build_world()
            yield self._keep
        try:
            found = yield Aside(looking(self._world))
        except Exception:  # noqa: BLE001 - whatever it is, it is raised again if it is so
            return False
        if not kept.are_there(self):
            self.let_go()
        return not found

    def _can_be_shared(self) -> bool:
        """Tell whether a world is all that would be kept, and is kept from real databases."""
        bound_session().flush()
        seam = runtime().seam
        is_alone = seam.isolates and not seam.rows.kept.would_have_more
        return is_alone and self._spoilt < MOST_SPOILT

    def _keep(self) -> None:
        bound_session().commit()
        runtime().seam.rows.kept.keep(self)
        self._until = self._clock() + LASTS

    def _start_over(self) -> None:
        """Undo all there is of a world, in a test that has written nothing else."""
        self.let_go()
        bound_session().close()
        # What has ended the transaction is told by the look that is to come, if it does again.
        with suppress(IsolationError):
            runtime().seam.rows.roll_back()
