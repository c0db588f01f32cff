from decimal import Decimal

import pytest

from app.models import Order, OrderLine, OrderStatus, Payment, PaymentStatus, Product
from app.schemas import OrderLineCreate
from app.services import orders
from app.services.exceptions import InsufficientStockError, InvalidStateError
from tests.fakes import FakeSession


def make_order(status: OrderStatus) -> Order:
    product = Product(id=1, sku="MUG-01", stock=3)
    return Order(
        number="SO-2025-0012",
        status=status,
        total=Decimal("20.00"),
        lines=[OrderLine(product=product, quantity=2)],
        payments=[Payment(amount=Decimal("5.00"), status=PaymentStatus.CAPTURED)],
    )


def test_next_number():
    assert orders.next_number(FakeSession(scalar=None), 2025) == "SO-2025-0001"
    assert orders.next_number(FakeSession(scalar=9999), 2025) == "SO-2025-10000"


def test_stock_is_taken_for_all_lines_or_none():
    products = {1: Product(id=1, sku="MUG-01", stock=5), 2: Product(id=2, sku="CUP-02", stock=0)}
    lines = [OrderLineCreate(product_id=1, quantity=2), OrderLineCreate(product_id=2, quantity=1)]

    with pytest.raises(InsufficientStockError, match="CUP-02"):
        orders.reserve_stock(products, lines)

    assert products[1].stock == 5


def test_cancelling_returns_stock_and_refunds():
    order = make_order(OrderStatus.PARTIALLY_PAID)
    assert order.amount_due == Decimal("15.00")

    orders.cancel(order)

    assert order.status is OrderStatus.CANCELLED
    assert order.cancelled_at is not None
    assert order.lines[0].product.stock == 5
    assert order.payments[0].status is PaymentStatus.REFUNDED


def test_shipped_order_cannot_be_cancelled():
    with pytest.raises(InvalidStateError):
        orders.cancel(make_order(OrderStatus.SHIPPED))
