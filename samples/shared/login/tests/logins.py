"""How tests try a password, right or wrong; who is to be logged in comes from `client_as`."""

from test_harness import PASSWORD


def log_in(client, email, password=PASSWORD):
    """Send address and password; what is returned has to be awaited if a request has to."""
    return client.post("/auth/login", json={"email": email, "password": password})
