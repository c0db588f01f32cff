"""Faults in who Socket.IO connects, each with the generated test that catches it."""

from __future__ import annotations

from tools.fault import Fault

CHECKS = "tests/checks/test_socketio_async.py"
REALTIME = "lounge/realtime.py"
REFUSAL = '        raise ConnectionRefusedError("The token is not valid.")\n'
SHOWN_NOTHING = '        raise ConnectionRefusedError("Show a token.")\n'

# What is wrong, in which file, what stands there and what instead, who catches it, and why.
_FOUND = [
    (
        "Socket.IO connects who shows any token",
        REALTIME,
        REFUSAL,
        "        return True\n",
        "test_a_malformed_token_does_not_connect[x]",
        "DID NOT RAISE",
    ),
    (
        "Socket.IO connects who shows nothing",
        REALTIME,
        SHOWN_NOTHING,
        "        return True\n",
        "test_what_has_to_be_refused_does_not_connect[missing]",
        "DID NOT RAISE",
    ),
    (
        "Socket.IO does not see that a token ended",
        "lounge/security.py",
        'options={"require": ["sub", "exp"]}',
        'options={"require": ["sub", "exp"], "verify_exp": False}',
        "test_what_has_to_be_refused_does_not_connect[expired]",
        "DID NOT RAISE",
    ),
    (
        "Socket.IO fails at a token that is none",
        "lounge/security.py",
        "    except jwt.InvalidTokenError:\n        return None\n",
        "    except KeyError:\n        return None\n",
        "test_a_malformed_token_does_not_connect[x]",
        "The application said nothing",
    ),
    (
        "what is done when a client leaves fails",
        REALTIME,
        'for room in guest["rooms"]:',
        'for room in guest["places"]:',
        "test_a_user_may_leave_and_come_back",
        "KeyError: 'places'",
    ),
]

SOCKET_FAULTS = [
    Fault("sockets", what, "lounge", file, old, new, f"{CHECKS}::{test}", because)
    for what, file, old, new, test, because in _FOUND
]
