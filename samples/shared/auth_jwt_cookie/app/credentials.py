"""How a client shows who it is: JWTs in two cookies that scripts cannot read."""

# What a client is told that has shown nothing, or nothing valid.
CHALLENGE = "Cookie"

ACCESS_COOKIE = "access_token"
REFRESH_COOKIE = "refresh_token"
# The only routes that need it.
REFRESH_PATH = "/auth"
