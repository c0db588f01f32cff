"""The views. They only translate between HTTP and the services."""

from app.blueprints.accounts import accounts
from app.blueprints.health import health
from app.blueprints.items import items
from app.blueprints.members import members
from app.blueprints.organisations import organisations

blueprints = (health, accounts, organisations, members, items)
