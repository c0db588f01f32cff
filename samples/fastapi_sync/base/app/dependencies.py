"""The session each request works in."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from app.database import session_factory


def get_session() -> Iterator[Session]:
    """Yield a session, and commit it when the request succeeded.

    An error leaves the block before the commit, and closing the session rolls it back.
    """
    with session_factory() as session:
        yield session
        session.commit()


# "function" commits before the response is sent: the default would answer 201 first and
# commit afterwards, and a commit that fails would never be reported.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]
