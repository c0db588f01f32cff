"""Factories of two models."""


class UserFactory:
    """A user."""


class ItemFactory:
    """An item."""


def require_name(name):
    if not name:
        raise ValueError(name)


def check_in(name):
    return name


async def announce(name):
    return bool(name)


class Post:
    async def send(self, name):
        return bool(name)
