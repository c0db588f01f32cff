"""How a client shows who it is: a key, in a header of its own."""

# What a client is told that has shown nothing, or nothing valid.
CHALLENGE = "ApiKey"

API_KEY_HEADER = "X-API-Key"
