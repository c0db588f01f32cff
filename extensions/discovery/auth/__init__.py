"""Who a client is: logins, tokens, cookies, users, roles and what is protected."""
