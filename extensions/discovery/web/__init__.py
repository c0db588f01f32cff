"""The web application: framework, routers, routes, request bodies and statuses."""
