from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException, Query, status

from app.api.deps import CurrentUser, SessionDep, get_current_user, require_superuser
from app.models.order import Order, OrderStatus
from app.models.user import User
from app.schemas import OrderCreate, OrderList, OrderRead, PaymentCreate
from app.services import orders as order_service
from app.services.audit import write_audit

router = APIRouter(dependencies=[Depends(get_current_user)])


@router.post("/", response_model=OrderRead, status_code=status.HTTP_201_CREATED)
def create_order(
    db: SessionDep,
    current_user: CurrentUser,
    background_tasks: BackgroundTasks,
    body: OrderCreate,
) -> Order:
    order = order_service.create_order(db, body, current_user)
    background_tasks.add_task(
        write_audit,
        "order.created",
        entity="order",
        entity_id=order.id,
        user_id=current_user.id,
        details={"number": order.number, "total": str(order.total)},
    )
    return order


@router.get("/", response_model=OrderList)
def read_orders(
    db: SessionDep,
    order_status: Annotated[OrderStatus | None, Query(alias="status")] = None,
    customer_id: int | None = None,
    number: str | None = None,
    date_from: date | None = None,
    date_to: date | None = None,
    skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    orders, count = order_service.list_orders(
        db,
        status=order_status,
        customer_id=customer_id,
        number=number,
        date_from=date_from,
        date_to=date_to,
        skip=skip,
        limit=limit,
    )
    return {"data": orders, "count": count}


@router.get("/{order_id}", response_model=OrderRead)
def read_order(db: SessionDep, order_id: int) -> Order:
    return order_service.get_order(db, order_id)


@router.post("/{order_id}/cancel", response_model=OrderRead)
def cancel_order(
    db: SessionDep,
    current_user: CurrentUser,
    background_tasks: BackgroundTasks,
    order_id: int,
) -> Order:
    order = order_service.get_order(db, order_id)
    if order.created_by_id != current_user.id and not current_user.is_superuser:
        raise HTTPException(
            status_code=status.HTTP_403_FORBIDDEN, detail="Only your own orders can be cancelled"
        )
    order = order_service.cancel_order(db, order_id)
    background_tasks.add_task(
        write_audit,
        "order.cancelled",
        entity="order",
        entity_id=order.id,
        user_id=current_user.id,
    )
    return order


@router.post("/{order_id}/pay", response_model=OrderRead)
def pay_order(
    db: SessionDep,
    current_user: CurrentUser,
    background_tasks: BackgroundTasks,
    order_id: int,
    body: PaymentCreate,
) -> Order:
    order = order_service.pay_order(db, order_id, body)
    background_tasks.add_task(
        write_audit,
        "order.paid",
        entity="order",
        entity_id=order.id,
        user_id=current_user.id,
        details={"amount": str(body.amount), "reference": body.reference},
    )
    return order


@router.post("/{order_id}/ship", response_model=OrderRead)
def ship_order(
    db: SessionDep,
    current_user: Annotated[User, Depends(require_superuser)],
    background_tasks: BackgroundTasks,
    order_id: int,
) -> Order:
    order = order_service.ship_order(db, order_id)
    background_tasks.add_task(
        write_audit,
        "order.shipped",
        entity="order",
        entity_id=order.id,
        user_id=current_user.id,
    )
    return order
