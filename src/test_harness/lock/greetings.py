"""What a driver says first to a database or a broker, by which any driver is known on any port.

Libraries that nobody has listed are seen here, where they use Python's sockets.
"""

from __future__ import annotations

from typing import Any

# https://www.postgresql.org/docs/current/protocol-message-formats.html: 3.0, 3.2, and what asks for
# encryption first.
POSTGRESQL = {196608, 196610, 80877103, 80877104}
# Of MySQL's answer to the greeting of the server: bytes that mean nothing, and stand nowhere else.
FILLER = bytes(23)
MYSQL_ANSWER = 32
MONGODB = {2004, 2013}
DATABASES = {"PostgreSQL", "MySQL", "SQL Server"}
HEAD, SHORTEST = 36, 5


def greeted(data: Any) -> str:
    """Return which server is spoken to by bytes that are about to be sent; empty for any other.

    Args:
        data: What is sent, as a socket takes it.
    """
    view = memoryview(data)
    if view.nbytes < SHORTEST or view.format != "B":
        return ""
    start, size = bytes(view[:HEAD]), view.nbytes
    return _in_words(start) or _in_numbers(start, size)


def _in_words(start: bytes) -> str:
    if start[:1] == b"*" and start[1:2].isdigit() and b"\r\n$" in start[:8]:
        return "Redis"
    if start.startswith(b"AMQP"):
        return "RabbitMQ"
    return "the mail server" if start[:5].upper() in {b"EHLO ", b"HELO "} else ""


def _in_numbers(start: bytes, size: int) -> str:
    if _big(start[:4]) == size and _big(start[4:8]) in POSTGRESQL:
        return "PostgreSQL"
    if start[3] == 1 and _little(start[:3]) >= MYSQL_ANSWER and start[13:HEAD] == FILLER:
        return "MySQL"
    if start[:2] == b"\x12\x01" and _big(start[2:4]) == size:
        return "SQL Server"
    return "MongoDB" if _little(start[:4]) == size and _little(start[12:16]) in MONGODB else ""


def _big(number: bytes) -> int:
    return int.from_bytes(number, "big")


def _little(number: bytes) -> int:
    return int.from_bytes(number, "little")
