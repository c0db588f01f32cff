"""The views. They only translate between HTTP and the services."""

from app.blueprints.health import health
from app.blueprints.items import items
from app.blueprints.organisations import organisations

blueprints = (health, organisations, items)
