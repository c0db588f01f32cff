from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, status

from app.api.deps import SessionDep, get_current_user, require_superuser
from app.models.product import Product
from app.schemas import (
    ProductCreate,
    ProductImportResult,
    ProductList,
    ProductRead,
    ProductUpdate,
    StockAdjustment,
)
from app.services import products as product_service

router = APIRouter(dependencies=[Depends(get_current_user)])

superuser_only = [Depends(require_superuser)]


@router.get("/", response_model=ProductList)
def read_products(
    db: SessionDep,
    q: str | None = None,
    in_stock: bool | None = None,
    include_inactive: bool = False,
    skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    products, count = product_service.list_products(
        db, q=q, in_stock=in_stock, include_inactive=include_inactive, skip=skip, limit=limit
    )
    return {"data": products, "count": count}


@router.post(
    "/",
    response_model=ProductRead,
    status_code=status.HTTP_201_CREATED,
    dependencies=superuser_only,
)
def create_product(db: SessionDep, body: ProductCreate) -> Product:
    return product_service.create_product(db, body)


@router.post("/import", response_model=ProductImportResult, dependencies=superuser_only)
def import_products(db: SessionDep, body: list[ProductCreate]) -> Any:
    created, skipped = product_service.import_products(db, body)
    return {"created": created, "skipped": skipped}


@router.get("/{product_id}", response_model=ProductRead)
def read_product(db: SessionDep, product_id: int) -> Product:
    return product_service.get_product(db, product_id)


@router.patch("/{product_id}", response_model=ProductRead, dependencies=superuser_only)
def update_product(db: SessionDep, product_id: int, body: ProductUpdate) -> Product:
    return product_service.update_product(db, product_id, body)


@router.post("/{product_id}/stock", response_model=ProductRead, dependencies=superuser_only)
def adjust_stock(db: SessionDep, product_id: int, body: StockAdjustment) -> Product:
    return product_service.adjust_stock(db, product_id, body.delta)


@router.delete("/{product_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=superuser_only)
def delete_product(db: SessionDep, product_id: int) -> None:
    product_service.delete_product(db, product_id)
