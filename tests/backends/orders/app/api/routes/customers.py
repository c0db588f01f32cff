from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, status

from app.api.deps import SessionDep, get_current_user, require_superuser
from app.models.customer import Customer, CustomerTier
from app.schemas import CustomerCreate, CustomerList, CustomerRead, CustomerUpdate
from app.services import customers as customer_service

router = APIRouter(dependencies=[Depends(get_current_user)])


@router.get("/", response_model=CustomerList)
def read_customers(
    db: SessionDep,
    q: str | None = None,
    tier: CustomerTier | None = None,
    skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    customers, count = customer_service.list_customers(db, q=q, tier=tier, skip=skip, limit=limit)
    return {"data": customers, "count": count}


@router.post("/", response_model=CustomerRead, status_code=status.HTTP_201_CREATED)
def create_customer(db: SessionDep, body: CustomerCreate) -> Customer:
    return customer_service.create_customer(db, body)


@router.get("/{customer_id}", response_model=CustomerRead)
def read_customer(db: SessionDep, customer_id: int) -> Customer:
    return customer_service.get_customer(db, customer_id)


@router.patch("/{customer_id}", response_model=CustomerRead)
def update_customer(db: SessionDep, customer_id: int, body: CustomerUpdate) -> Customer:
    return customer_service.update_customer(db, customer_id, body)


@router.delete(
    "/{customer_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(require_superuser)],
)
def delete_customer(db: SessionDep, customer_id: int) -> None:
    customer_service.delete_customer(db, customer_id)
