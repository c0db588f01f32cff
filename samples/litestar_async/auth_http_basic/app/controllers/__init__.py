"""The handlers. They only translate between HTTP and the services."""

from app.controllers.accounts import AccountController
from app.controllers.health import health
from app.controllers.items import ItemController
from app.controllers.members import MemberController
from app.controllers.organisations import OrganisationController
from app.controllers.socket import talk

controllers = (
    health,
    AccountController,
    OrganisationController,
    MemberController,
    ItemController,
    talk,
)
