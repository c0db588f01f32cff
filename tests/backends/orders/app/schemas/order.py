from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.models.order import OrderStatus, PaymentMethod, PaymentStatus


class OrderLineCreate(BaseModel):
    product_id: int
    quantity: int = Field(gt=0, le=10_000)


class OrderCreate(BaseModel):
    customer_id: int
    currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$")
    notes: str | None = Field(default=None, max_length=2000)
    lines: list[OrderLineCreate] = Field(min_length=1)


class OrderLineRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    product_id: int
    quantity: int
    unit_price: Decimal
    tax_rate: Decimal
    line_total: Decimal


class PaymentCreate(BaseModel):
    amount: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=2)]
    method: PaymentMethod
    reference: str = Field(min_length=1, max_length=80)


class PaymentRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    amount: Decimal
    method: PaymentMethod
    status: PaymentStatus
    reference: str
    paid_at: datetime


class OrderSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    number: str
    customer_id: int
    status: OrderStatus
    currency: str
    total: Decimal
    created_at: datetime


class OrderRead(OrderSummary):
    created_by_id: int | None
    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    amount_due: Decimal
    notes: str | None
    cancelled_at: datetime | None
    lines: list[OrderLineRead]
    payments: list[PaymentRead]


class OrderList(BaseModel):
    data: list[OrderSummary]
    count: int
