from app.schemas.customer import CustomerCreate, CustomerList, CustomerRead, CustomerUpdate
from app.schemas.order import (
    OrderCreate,
    OrderLineCreate,
    OrderLineRead,
    OrderList,
    OrderRead,
    PaymentCreate,
    PaymentRead,
)
from app.schemas.product import (
    ProductCreate,
    ProductImportResult,
    ProductList,
    ProductRead,
    ProductUpdate,
    StockAdjustment,
)
from app.schemas.token import Token, TokenPayload
from app.schemas.user import UserCreate, UserList, UserRead, UserUpdateMe

__all__ = [
    "CustomerCreate",
    "CustomerList",
    "CustomerRead",
    "CustomerUpdate",
    "OrderCreate",
    "OrderLineCreate",
    "OrderLineRead",
    "OrderList",
    "OrderRead",
    "PaymentCreate",
    "PaymentRead",
    "ProductCreate",
    "ProductImportResult",
    "ProductList",
    "ProductRead",
    "ProductUpdate",
    "StockAdjustment",
    "Token",
    "TokenPayload",
    "UserCreate",
    "UserList",
    "UserRead",
    "UserUpdateMe",
]
