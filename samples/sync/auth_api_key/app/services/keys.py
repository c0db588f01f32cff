"""Keys: whose they are, and when they stop working."""

from hmac import compare_digest

from sqlalchemy.orm import Session

from app.errors import Unauthorized
from app.keys import user_id_in
from app.models import User


class KeyService:
    """Knows users by their keys."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def user_of(self, key: str) -> User:
        """Return whose key this is. Raises Unauthorized, also when the user may not log in."""
        user_id = user_id_in(key)
        user = self.session.get(User, user_id) if user_id else None
        is_right = user is not None and compare_digest(key.encode(), user.api_key.encode())
        if user is None or not is_right or not user.is_active or not user.is_verified:
            raise Unauthorized("The key is not valid.")
        return user

    def revoke(self, user: User) -> None:
        """Have the user's key stop working; the next login gives a new one."""
        user.key_version += 1
        self.session.flush()
