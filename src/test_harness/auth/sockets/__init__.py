"""WebSockets and Socket.IO: how a client opens one, and how it is refused."""
