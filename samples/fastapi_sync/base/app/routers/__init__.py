"""The routes. They only translate between HTTP and the services."""

from app.routers import health, items, organisations

routers = (health.router, organisations.router, items.router)
