from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, EmailStr, Field

from app.models.customer import CustomerTier

Money = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]


class CustomerBase(BaseModel):
    name: str = Field(min_length=1, max_length=200)
    email: EmailStr
    phone: str | None = Field(default=None, max_length=40)
    tier: CustomerTier = CustomerTier.STANDARD
    billing_address: dict[str, Any] | None = None
    credit_limit: Money | None = None


class CustomerCreate(CustomerBase):
    pass


class CustomerUpdate(BaseModel):
    name: str | None = Field(default=None, min_length=1, max_length=200)
    email: EmailStr | None = None
    phone: str | None = Field(default=None, max_length=40)
    tier: CustomerTier | None = None
    billing_address: dict[str, Any] | None = None
    credit_limit: Money | None = None
    is_active: bool | None = None


class CustomerRead(CustomerBase):
    model_config = ConfigDict(from_attributes=True)

    id: int
    is_active: bool
    created_at: datetime


class CustomerList(BaseModel):
    data: list[CustomerRead]
    count: int
