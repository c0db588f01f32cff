from collections.abc import Iterable

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models.product import Product
from app.schemas.product import ProductCreate, ProductUpdate
from app.services.exceptions import ConflictError, InsufficientStockError, NotFoundError


def get_product(db: Session, product_id: int) -> Product:
    product = db.get(Product, product_id)
    if product is None:
        raise NotFoundError("Product not found")
    return product


def list_products(
    db: Session,
    *,
    q: str | None = None,
    in_stock: bool | None = None,
    include_inactive: bool = False,
    skip: int = 0,
    limit: int = 50,
) -> tuple[list[Product], int]:
    stmt = select(Product)
    if q:
        stmt = stmt.where(or_(Product.sku.ilike(f"{q}%"), Product.name.ilike(f"%{q}%")))
    if in_stock is not None:
        stmt = stmt.where(Product.stock > 0 if in_stock else Product.stock == 0)
    if not include_inactive:
        stmt = stmt.where(Product.is_active.is_(True))
    count = db.scalar(select(func.count()).select_from(stmt.subquery())) or 0
    rows = db.scalars(stmt.order_by(Product.sku).offset(skip).limit(limit)).all()
    return list(rows), count


def create_product(db: Session, data: ProductCreate) -> Product:
    product = Product(**data.model_dump())
    db.add(product)
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        raise ConflictError(f"SKU {data.sku} is taken") from None
    db.refresh(product)
    return product


def import_products(db: Session, rows: Iterable[ProductCreate]) -> tuple[list[str], list[str]]:
    """One commit per row: a row which exists already must not lose the others."""
    created: list[str] = []
    skipped: list[str] = []
    for row in rows:
        db.add(Product(**row.model_dump()))
        try:
            db.commit()
        except IntegrityError:
            db.rollback()
            skipped.append(row.sku)
        else:
            created.append(row.sku)
    return created, skipped


def update_product(db: Session, product_id: int, data: ProductUpdate) -> Product:
    product = get_product(db, product_id)
    for field, value in data.model_dump(exclude_unset=True).items():
        setattr(product, field, value)
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        raise ConflictError("The product could not be changed") from None
    db.refresh(product)
    return product


def adjust_stock(db: Session, product_id: int, delta: int) -> Product:
    product = get_product(db, product_id)
    # in the database, so that two adjustments at once do not lose one
    stmt = update(Product).where(Product.id == product_id).values(stock=Product.stock + delta)
    try:
        db.execute(stmt)
        db.commit()
    except IntegrityError:
        db.rollback()
        db.refresh(product)
        raise InsufficientStockError(
            f"{product.sku}: {product.stock} in stock, cannot take {-delta}"
        ) from None
    db.refresh(product)
    return product


def delete_product(db: Session, product_id: int) -> None:
    product = get_product(db, product_id)
    db.delete(product)
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        raise ConflictError("The product was ordered and can only be deactivated") from None
