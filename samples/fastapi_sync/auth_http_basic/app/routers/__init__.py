"""The routes. They only translate between HTTP and the services."""

from app.routers import accounts, health, items, members, organisations, socket

routers = (
    health.router,
    accounts.router,
    organisations.router,
    members.router,
    items.router,
    socket.router,
)
