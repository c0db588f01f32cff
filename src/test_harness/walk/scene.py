"""What an oracle looks at: an operation, the request that is granted, and the world around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from test_harness.walk.finding import Finding
from test_harness.walk.operation import Operation
from test_harness.walk.performing import Book, perform
from test_harness.walk.recipe import Recipe
from test_harness.walk.steps import Sending, Steps
from test_harness.walk.visit import Request, Visit
from test_harness.walk.world import Principal, World


@dataclass(frozen=True)
class Scene:
    """One operation in a world of its own, and the answer to who may.

    Args:
        operation: The operation.
        recipe: Of the request that is granted.
        world: Has the rows and the principals.
        book: Has the recipes of what is sent before.
        granted: The answer to that request.
    """

    operation: Operation
    recipe: Recipe
    world: World
    book: Book
    granted: Visit
    _answers: dict[str, Visit] = field(default_factory=dict)

    def asked_as(self, who: str) -> Steps[Visit]:
        """Return the answer to the same request of somebody, who asks once for all oracles.

        Args:
            who: The name of the principal.
        """
        if who == self.recipe.principal:
            return self.granted
        if who not in self._answers:
            self._answers[who] = yield from self.ask(principal=who)
        return self._answers[who]

    def asked_by_all(self) -> Steps[dict[str, Visit]]:
        """Return the answer to each principal, by its name; who has several names asks once."""
        visits: dict[str, Visit] = {}
        for who in _distinct(self.world.principals):
            visits[who] = yield from self.asked_as(who)
        return visits

    def ask(self, **changed: Any) -> Steps[Visit]:
        """Send the request with something else in its recipe; what comes of it is undone.

        Args:
            changed: Fields of the recipe, such as `principal`, `path` or `query`.

        Raises:
            HarnessError: The recipe names what is not there.
        """
        who = changed.pop("principal", self.recipe.principal)
        recipe = self.recipe.asked_as(who).but(**changed)
        return (yield from perform(self.operation, recipe, self.world, self.book))

    def send(self, request: Request, principal: str = "") -> Steps[Visit]:
        """Send a request that no recipe makes; what comes of it is undone.

        Args:
            request: What is sent.
            principal: Who sends it; whoever is granted the operation if it is empty.
        """
        name = principal or self.recipe.principal
        visit: Visit = yield Sending(request, name, self.world.principals[name].credential)
        return visit

    def finding(self, oracle: str, problem: str, *, evidence: str = "", fix: str = "") -> Finding:
        """Return a finding of the operation.

        Args:
            oracle: The name of who says so.
            problem: One sentence on what is wrong: what was sent, by whom, what came back.
            evidence: The row, the value, the statement or the line that betrays it.
            fix: One sentence on what to do.
        """
        return Finding(oracle, self.operation, problem, evidence, fix)


def _distinct(principals: Mapping[str, Principal]) -> list[str]:
    """Return the names of principals, one for each: `admin` rather than `role:admin`.

    Args:
        principals: By their names.
    """
    names: dict[Any, str] = {}
    for who in sorted(principals, key=lambda name: ":" in name):
        names.setdefault(_shown_as(principals[who]), who)
    return [who for who in principals if who in names.values()]


def _shown_as(principal: Principal) -> str:
    ended = principal.name if principal.name in {"removed", "inactive"} else ""
    return ended + repr(principal.credential)
