from app.models.audit import AuditLog
from app.models.customer import Customer, CustomerTier
from app.models.order import (
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentMethod,
    PaymentStatus,
)
from app.models.product import Product
from app.models.user import User

__all__ = [
    "AuditLog",
    "Customer",
    "CustomerTier",
    "Order",
    "OrderLine",
    "OrderStatus",
    "Payment",
    "PaymentMethod",
    "PaymentStatus",
    "Product",
    "User",
]
