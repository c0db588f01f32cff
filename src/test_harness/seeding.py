"""Random values that can be replayed: each test starts from the run's seed and its own name."""

from __future__ import annotations

import os
import random
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def new_seed() -> int:
    """Return a seed for a run that was not given one."""
    return random.SystemRandom().randrange(2**32)


def shown_seed(seed: int) -> str:
    """Return what to run for the same values again, the order of sets included."""
    # Of a hash seed that was not given Python tells nobody.
    hashes = os.environ.get("PYTHONHASHSEED", "random")
    again = f"PYTHONHASHSEED={hashes} and " if hashes != "random" else ""
    return f"{seed}, hash seed: {hashes} (replay with {again}--seed={seed})"


def seed_everything(seed: int, test: str) -> None:
    """Seed `random`, and Faker, factory_boy, NumPy and polyfactory where they are loaded.

    Sequences start anew.

    The test's name is mixed in, so that a test draws the same values alone and in a whole run.
    """
    mixed = seed ^ zlib.crc32(test.encode())
    random.seed(mixed)
    # The generator itself: `Faker.seed` and `reseed_random` take three times as long.
    if "faker.generator" in sys.modules:
        _one_for_both().seed(mixed)
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed(mixed % 2**32)
    if "polyfactory.constants" in sys.modules:
        sys.modules["polyfactory.constants"].DEFAULT_RANDOM.seed(mixed)
    if "test_harness.factories.base" in sys.modules:
        sys.modules["test_harness.factories.base"].start_sequences()


def _one_for_both() -> Any:
    """Return Faker's generator, which factory_boy is given as well: one less to seed."""
    generator = sys.modules["faker.generator"].random
    if "factory.random" in sys.modules:
        factory_random: Any = sys.modules["factory.random"]
        factory_random.randgen = generator
        generator.state_set = True
    return generator


@contextmanager
def random_values_kept() -> Iterator[None]:
    """After the block `random`, Faker and factory_boy go on as if it had not been."""
    generators: list[Any] = [random]
    if "faker.generator" in sys.modules:
        generators.append(_one_for_both())
    before = [generator.getstate() for generator in generators]
    try:
        yield
    finally:
        for generator, state in zip(generators, before, strict=True):
            generator.setstate(state)
