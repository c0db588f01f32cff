from collections.abc import Iterable
from typing import Any

from sqlalchemy.exc import IntegrityError


class FakeSession:
    """Enough of a Session for the services. Answers come from what a test gives it."""

    def __init__(self, *, objects: Iterable[Any] = (), scalar: Any = None) -> None:
        self.objects = {(type(obj), obj.id): obj for obj in objects}
        self.scalar_result = scalar
        self.added: list[Any] = []
        self.commits = 0
        self.rollbacks = 0
        self.closed = False
        self.fail_on_commit: Exception | None = None

    def get(self, model: type, ident: Any) -> Any:
        return self.objects.get((model, ident))

    def scalar(self, stmt: Any) -> Any:
        return self.scalar_result

    def add(self, obj: Any) -> None:
        self.added.append(obj)

    def refresh(self, obj: Any) -> None:
        pass

    def commit(self) -> None:
        if self.fail_on_commit is not None:
            raise self.fail_on_commit
        self.commits += 1

    def rollback(self) -> None:
        self.rollbacks += 1

    def close(self) -> None:
        self.closed = True


def integrity_error() -> IntegrityError:
    return IntegrityError("INSERT ...", {}, Exception("duplicate key"))
