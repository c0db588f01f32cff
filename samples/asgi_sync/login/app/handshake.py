"""What a client shows when it opens a socket."""

from collections.abc import Mapping
from typing import Any, Protocol


class Handshake(Protocol):
    """The request that opens a socket, whichever framework it comes from."""

    @property
    def cookies(self) -> Mapping[str, str]:
        """The client's cookies."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the request."""

    @property
    def query_params(self) -> Mapping[str, Any]:
        """The query of the address."""
