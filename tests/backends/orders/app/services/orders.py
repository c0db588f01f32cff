import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from app.models.customer import Customer
from app.models.order import Order, OrderLine, OrderStatus, Payment, PaymentStatus
from app.models.product import Product
from app.models.user import User
from app.schemas.order import OrderCreate, OrderLineCreate, PaymentCreate
from app.services import pricing
from app.services.exceptions import (
    BusinessError,
    ConflictError,
    InsufficientStockError,
    InvalidStateError,
    NotFoundError,
)

logger = logging.getLogger(__name__)

CANCELLABLE = {OrderStatus.PENDING, OrderStatus.PARTIALLY_PAID}
PAYABLE = {OrderStatus.PENDING, OrderStatus.PARTIALLY_PAID}

NUMBER_ATTEMPTS = 5


def format_number(year: int, sequence: int) -> str:
    return f"SO-{year}-{sequence:04d}"


def next_number(db: Session, year: int) -> str:
    sequence = cast(func.split_part(Order.number, "-", 3), Integer)
    last = db.scalar(select(func.max(sequence)).where(Order.number.like(f"SO-{year}-%")))
    return format_number(year, (last or 0) + 1)


def reserve_stock(products: Mapping[int, Product], lines: Iterable[OrderLineCreate]) -> None:
    """Take the quantities, or nothing at all when one of them is missing."""
    lines = list(lines)
    for line in lines:
        product = products[line.product_id]
        if product.stock < line.quantity:
            raise InsufficientStockError(
                f"{product.sku}: {product.stock} in stock, {line.quantity} ordered"
            )
    for line in lines:
        products[line.product_id].stock -= line.quantity


def _lock_products(db: Session, ids: set[int]) -> dict[int, Product]:
    # always in the same order, otherwise two orders may wait for each other
    stmt = (
        select(Product)
        .where(Product.id.in_(ids))
        .order_by(Product.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {product.id: product for product in db.scalars(stmt)}


def _check_credit(db: Session, customer: Customer, total: Decimal) -> None:
    if customer.credit_limit is None:
        return
    open_total = db.scalar(
        select(func.coalesce(func.sum(Order.total), 0)).where(
            Order.customer_id == customer.id, Order.status.in_(PAYABLE)
        )
    )
    if Decimal(open_total or 0) + total > customer.credit_limit:
        raise ConflictError(f"The credit limit of {customer.name} would be exceeded")


def _place(db: Session, data: OrderCreate, user: User) -> Order:
    customer = db.get(Customer, data.customer_id)
    if customer is None:
        raise NotFoundError("Customer not found")
    if not customer.is_active:
        raise BusinessError("The customer is not active")

    wanted = {line.product_id for line in data.lines}
    products = _lock_products(db, wanted)
    missing = sorted(i for i in wanted if i not in products or not products[i].is_active)
    if missing:
        raise NotFoundError(f"Unknown products: {', '.join(map(str, missing))}")
    reserve_stock(products, data.lines)

    priced = [
        pricing.PricedLine(
            quantity=line.quantity,
            unit_price=products[line.product_id].unit_price,
            tax_rate=products[line.product_id].tax_rate,
        )
        for line in data.lines
    ]
    quote = pricing.quote(priced, customer.tier)
    _check_credit(db, customer, quote.total)

    order = Order(
        number=next_number(db, datetime.now(UTC).year),
        customer_id=customer.id,
        created_by_id=user.id,
        currency=data.currency,
        notes=data.notes,
        subtotal=quote.subtotal,
        discount=quote.discount,
        tax=quote.tax,
        total=quote.total,
        lines=[
            OrderLine(
                product_id=line.product_id,
                quantity=line.quantity,
                unit_price=price.unit_price,
                tax_rate=price.tax_rate,
                line_total=price.total,
            )
            for line, price in zip(data.lines, priced, strict=True)
        ],
    )
    db.add(order)
    return order


def _constraint(exc: IntegrityError) -> str | None:
    diag = getattr(exc.orig, "diag", None)
    return getattr(diag, "constraint_name", None)


def create_order(db: Session, data: OrderCreate, user: User) -> Order:
    for attempt in range(1, NUMBER_ATTEMPTS + 1):
        order = _place(db, data, user)
        try:
            db.commit()
        except IntegrityError as exc:
            db.rollback()
            if _constraint(exc) == "uq_orders_number":
                logger.info("order number was taken, attempt %s", attempt)
                continue
            if _constraint(exc) == "uq_order_lines_order_id_product_id":
                raise ConflictError("A product may appear only once in an order") from None
            raise ConflictError("The order could not be saved") from None
        db.refresh(order)
        return order
    raise ConflictError("No free order number, try again")


def get_order(db: Session, order_id: int, *, for_update: bool = False) -> Order:
    stmt = select(Order).where(Order.id == order_id)
    if for_update:
        stmt = stmt.with_for_update().execution_options(populate_existing=True)
    else:
        stmt = stmt.options(selectinload(Order.lines), selectinload(Order.payments))
    order = db.scalar(stmt)
    if order is None:
        raise NotFoundError("Order not found")
    return order


def list_orders(
    db: Session,
    *,
    status: OrderStatus | None = None,
    customer_id: int | None = None,
    number: str | None = None,
    date_from: date | None = None,
    date_to: date | None = None,
    skip: int = 0,
    limit: int = 50,
) -> tuple[list[Order], int]:
    filters = []
    if status is not None:
        filters.append(Order.status == status)
    if customer_id is not None:
        filters.append(Order.customer_id == customer_id)
    if number:
        filters.append(Order.number.startswith(number, autoescape=True))
    if date_from is not None:
        filters.append(Order.created_at >= datetime.combine(date_from, time.min, UTC))
    if date_to is not None:
        end = datetime.combine(date_to + timedelta(days=1), time.min, UTC)
        filters.append(Order.created_at < end)

    count = db.scalar(select(func.count(Order.id)).where(*filters)) or 0
    stmt = (
        select(Order)
        .where(*filters)
        .order_by(Order.created_at.desc(), Order.id.desc())
        .offset(skip)
        .limit(limit)
    )
    return list(db.scalars(stmt).all()), count


def cancel(order: Order) -> None:
    """Give the stock back and refund what was paid."""
    if order.status not in CANCELLABLE:
        raise InvalidStateError(f"Order {order.number} is {order.status.value}, too late to cancel")
    for line in order.lines:
        line.product.stock += line.quantity
    for payment in order.payments:
        payment.status = PaymentStatus.REFUNDED
    order.status = OrderStatus.CANCELLED
    order.cancelled_at = datetime.now(UTC)


def cancel_order(db: Session, order_id: int) -> Order:
    order = get_order(db, order_id, for_update=True)
    _lock_products(db, {line.product_id for line in order.lines})
    cancel(order)
    db.commit()
    db.refresh(order)
    return order


def pay_order(db: Session, order_id: int, data: PaymentCreate) -> Order:
    order = get_order(db, order_id, for_update=True)
    if order.status not in PAYABLE:
        raise InvalidStateError(f"Order {order.number} is {order.status.value}, cannot be paid")
    if data.amount > order.amount_due:
        raise ConflictError(f"Only {order.amount_due} {order.currency} are due")

    order.payments.append(
        Payment(
            amount=data.amount,
            method=data.method,
            reference=data.reference,
            status=PaymentStatus.CAPTURED,
        )
    )
    order.status = OrderStatus.PARTIALLY_PAID if order.amount_due else OrderStatus.PAID
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        existing = db.scalar(select(Payment).where(Payment.reference == data.reference))
        if existing is None:
            raise ConflictError("The payment could not be saved") from None
        raise ConflictError(
            f"Payment {data.reference} is already booked on {existing.order.number}"
        ) from None
    db.refresh(order)
    return order


def ship_order(db: Session, order_id: int) -> Order:
    order = get_order(db, order_id, for_update=True)
    if order.status != OrderStatus.PAID:
        raise InvalidStateError(f"Order {order.number} is {order.status.value}, cannot be shipped")
    order.status = OrderStatus.SHIPPED
    db.commit()
    db.refresh(order)
    return order
