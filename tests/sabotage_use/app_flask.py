"""Views with what stands in front of views, and what Flask's extensions are asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

from depot.models import Item, User, verify_password
from flask import Flask, abort, g, request
from flask.views import MethodView
from sqlalchemy import create_engine
from sqlalchemy.orm import scoped_session, sessionmaker

app = Flask(__name__)
session = scoped_session(sessionmaker(create_engine(os.environ["DATABASE_URL"])))


@app.teardown_appcontext
def close(error: BaseException | None) -> None:
    session.remove()


def login_required(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def called(*args: Any, **values: Any) -> Any:
        if g.user is None:
            abort(401)
        return view(*args, **values)

    return called


def roles_required(role: str) -> Callable[..., Any]:
    def around(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def called(*args: Any, **values: Any) -> Any:
            if g.user is None or g.user.role != role:
                abort(403)
            return view(*args, **values)

        return called

    return around


@app.before_request
def know() -> None:
    given = request.authorization
    g.user = None
    if given is None:
        return
    user = session.query(User).filter_by(name=given.username).first()
    if user is not None and verify_password(given.password or "", user.password):
        g.user = user


@app.get("/me")
@login_required
def me() -> Any:
    return {"id": g.user.id, "name": g.user.name}


@app.get("/items")
@login_required
def items() -> Any:
    found = session.query(Item).filter_by(owner_id=g.user.id, deleted_at=None)
    return [item.name for item in found.order_by(Item.id)]


@app.post("/items")
@login_required
def add() -> Any:
    name = request.get_json()["name"]
    if len(name) > 10:
        return {"error": "too long"}, 422
    session.add(Item(owner_id=g.user.id, name=name))
    session.commit()
    return {}, 201


@app.get("/count")
def count() -> Any:
    return {"items": session.query(Item).count()}


@app.delete("/items")
@roles_required("admin")
def clear() -> Any:
    session.query(Item).delete()
    session.commit()
    return "", 204


class OneItem(MethodView):
    decorators = [login_required]  # noqa: RUF012 - as Flask documents it

    def delete(self, item_id: int) -> Any:
        item = session.get(Item, item_id)
        if item is None or item.owner_id != g.user.id:
            abort(404)
        session.delete(item)
        session.commit()
        return "", 204


app.add_url_rule("/items/<int:item_id>", view_func=OneItem.as_view("item"))
