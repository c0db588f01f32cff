"""The routes. They only translate between HTTP and the services."""

from app.routers import auth, health, items, members, organisations

routers = (health.router, auth.router, organisations.router, members.router, items.router)
