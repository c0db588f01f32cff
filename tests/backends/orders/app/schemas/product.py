from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Price = Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=2)]
Rate = Annotated[Decimal, Field(ge=0, lt=1, max_digits=5, decimal_places=4)]


class ProductCreate(BaseModel):
    sku: str = Field(min_length=1, max_length=40, pattern=r"^[A-Z0-9][A-Z0-9-]*$")
    name: str = Field(min_length=1, max_length=200)
    description: str | None = None
    unit_price: Price
    tax_rate: Rate = Decimal("0.2100")
    stock: int = Field(default=0, ge=0)
    attributes: dict[str, Any] = Field(default_factory=dict)


class ProductUpdate(BaseModel):
    name: str | None = Field(default=None, min_length=1, max_length=200)
    description: str | None = None
    unit_price: Price | None = None
    tax_rate: Rate | None = None
    attributes: dict[str, Any] = Field(default_factory=dict)
    is_active: bool | None = None


class ProductRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    sku: str
    name: str
    description: str | None
    unit_price: Decimal
    tax_rate: Decimal
    stock: int
    attributes: dict[str, Any]
    is_active: bool


class ProductList(BaseModel):
    data: list[ProductRead]
    count: int


class StockAdjustment(BaseModel):
    delta: int


class ProductImportResult(BaseModel):
    created: list[str]
    skipped: list[str]
