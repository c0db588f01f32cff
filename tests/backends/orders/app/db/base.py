# Import all the models, so that Base has them before being
# imported by Alembic
from app.db.base_class import Base  # noqa: F401
from app.models.audit import AuditLog  # noqa: F401
from app.models.customer import Customer  # noqa: F401
from app.models.order import Order, OrderLine, Payment  # noqa: F401
from app.models.product import Product  # noqa: F401
from app.models.user import User  # noqa: F401
