"""Who a client is: ways to log in, credentials without a login, roles, what must be refused."""
