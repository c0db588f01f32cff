"""An order by chance that one number replays, and that keeps modules and classes together."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from typing import TypeVar

Test = TypeVar("Test")


def shuffled(tests: Iterable[Test], seed: int, name: Callable[[Test], str] = str) -> list[Test]:
    """Return tests in the order of a seed, which each has whichever others there are.

    What a module or a class shares is made once, because its tests stay side by side.

    Args:
        tests: What is to be put in order.
        seed: The number that replays it.
        name: Returns the node id of a test.

    Source of the technique: pytest-randomly, which sorts by a digest of seed and name.
    """

    def place(test: Test) -> list[tuple[int, str]]:
        identifier, bracket, parameters = name(test).partition("[")
        *parts, last = identifier.split("::")
        return [
            (zlib.crc32(f"{seed}::{part}".encode(errors="surrogatepass")), part)
            for part in (*parts, f"{last}{bracket}{parameters}")
        ]

    return sorted(tests, key=place)
