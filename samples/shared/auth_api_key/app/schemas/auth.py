"""Getting a key, over HTTP."""

from app.schemas.common import Shown


class ApiKey(Shown):
    """The key to send with each request."""

    api_key: str
