from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models.customer import Customer, CustomerTier
from app.schemas.customer import CustomerCreate, CustomerUpdate
from app.services.exceptions import ConflictError, NotFoundError


def get_customer(db: Session, customer_id: int) -> Customer:
    customer = db.get(Customer, customer_id)
    if customer is None:
        raise NotFoundError("Customer not found")
    return customer


def list_customers(
    db: Session,
    *,
    q: str | None = None,
    tier: CustomerTier | None = None,
    skip: int = 0,
    limit: int = 50,
) -> tuple[list[Customer], int]:
    stmt = select(Customer)
    if q:
        pattern = f"%{q}%"
        stmt = stmt.where(or_(Customer.name.ilike(pattern), Customer.email.ilike(pattern)))
    if tier is not None:
        stmt = stmt.where(Customer.tier == tier)
    count = db.scalar(select(func.count()).select_from(stmt.subquery())) or 0
    rows = db.scalars(stmt.order_by(Customer.name, Customer.id).offset(skip).limit(limit)).all()
    return list(rows), count


def create_customer(db: Session, data: CustomerCreate) -> Customer:
    customer = Customer(**data.model_dump())
    db.add(customer)
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        raise ConflictError(f"A customer with the email {data.email} already exists") from None
    db.refresh(customer)
    return customer


def update_customer(db: Session, customer_id: int, data: CustomerUpdate) -> Customer:
    customer = get_customer(db, customer_id)
    for field, value in data.model_dump(exclude_unset=True).items():
        setattr(customer, field, value)
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        raise ConflictError("The customer could not be changed") from None
    db.refresh(customer)
    return customer


def delete_customer(db: Session, customer_id: int) -> None:
    customer = get_customer(db, customer_id)
    db.delete(customer)
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        # still usable after the rollback, it is loaded again
        raise ConflictError(f"{customer.name} has orders and can only be deactivated") from None
