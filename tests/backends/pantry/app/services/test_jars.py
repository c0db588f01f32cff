import asyncio

import pytest

from app.models import Jar
from app.services.jars import JarService, NoSuchJar, NotEnough


class Jars:
    async def find(self, keeper_id, jar_id):
        return Jar(id=1, keeper_id=1, label="Rice", grams=500) if jar_id == 1 else None


def take(jar_id, grams):
    return asyncio.run(JarService(Jars()).take(1, jar_id, grams))


def test_what_is_taken_is_gone():
    assert take(1, 200).grams == 300


@pytest.mark.parametrize(("jar_id", "grams", "error"), [(1, 501, NotEnough), (2, 1, NoSuchJar)])
def test_what_is_not_there_is_not_taken(jar_id, grams, error):
    with pytest.raises(error):
        take(jar_id, grams)
