"""How a client shows who it is: the secret of its session, in a cookie that scripts cannot read."""

# What a client is told that has shown nothing, or nothing valid.
CHALLENGE = "Cookie"

SESSION_COOKIE = "session_id"
