"""The web application: framework, routers, routes and request bodies."""
