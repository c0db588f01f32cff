"""The depot of Flask: a blueprint, class-based views, templates, pages by number."""

from __future__ import annotations

import csv
import io
import logging
import os
import secrets
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from depot.models import Item, Login, Membership, Note, Role, Shelf, User, hash_password
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    g,
    jsonify,
    make_response,
    render_template_string,
    request,
)
from flask.views import MethodView
from sqlalchemy import create_engine, delete, func, or_, select, text
from sqlalchemy.orm import Session, joinedload, selectinload, sessionmaker

logger = logging.getLogger(__name__)
app = Flask(__name__)
engine = create_engine(os.environ["DATABASE_URL"])
sessions = sessionmaker(engine, expire_on_commit=False)
api = Blueprint("api", __name__)
PAGE = "<ul>{% for item in items %}<li>{{ item.name }}</li>{% endfor %}</ul>"


@app.before_request
def begin() -> None:
    g.db = sessions()


@app.teardown_request
def end(error: BaseException | None) -> None:
    g.db.close()


@app.after_request
def allow(response: Response) -> Response:
    origin = request.headers.get("Origin", "")
    if origin in {"https://depot.example"}:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
    return response


def session() -> Session:
    return g.db


@api.before_request
def authenticate() -> None:
    by_login = select(Login.user_id).where(Login.token == request.cookies.get("login", ""))
    key = request.headers.get("X-Key", "")
    user = session().scalar(select(User).where(or_(User.key == key, User.id.in_(by_login))))
    if user is None or not user.is_active:
        abort(401)
    g.user = user
    g.member = session().scalar(select(Membership).where(Membership.user_id == user.id))


def needs(*roles: Role) -> None:
    if g.member is None or (roles and g.member.role not in roles):
        abort(403)


def own() -> Any:
    needs()
    return select(Item).where(Item.team_id == g.member.team_id).where(Item.deleted_at.is_(None))


def found(item_id: int) -> Item:
    item = session().scalar(own().where(Item.id == item_id))
    if item is None:
        abort(404)
    return item


def user_of(user: User) -> dict[str, Any]:
    return {"id": user.id, "email": user.email}


def item_of(item: Item) -> dict[str, Any]:
    told = {"id": item.id, "name": item.name, "status": item.status, "approved": item.approved}
    return {**told, "author": user_of(item.author), "notes": [it.words for it in item.notes]}


def sent(*names: str) -> dict[str, Any]:
    payload = request.get_json(silent=True)
    if not isinstance(payload, dict) or any(name not in payload for name in names):
        abort(422)
    return {name: payload[name] for name in names}


@app.post("/signup")
def signup() -> Any:
    who = sent("email", "password")
    email = str(who["email"]).lower()
    if session().scalar(select(User).where(func.lower(User.email) == email)):
        abort(409)
    user = User(email=email, password=hash_password(str(who["password"])))
    session().add(user)
    session().commit()
    logger.warning("user %s came", user.id)
    return user_of(user), 201


@app.post("/login")
def login() -> Any:
    who = sent("email", "password")
    email = str(who["email"]).lower()
    user = session().scalar(select(User).where(func.lower(User.email) == email))
    if user is None or user.password != hash_password(str(who["password"])):
        abort(401)
    login = Login(user_id=user.id, token=secrets.token_hex(16))
    session().add(login)
    session().commit()
    response = make_response(user_of(user))
    response.set_cookie("login", login.token, httponly=True, samesite="Lax")
    return response


@api.get("/me")
def me() -> Any:
    return user_of(g.user)


@api.post("/me/password")
def change_password() -> Any:
    if not request.form.get("password"):
        abort(422)
    g.user.password = hash_password(request.form["password"])
    session().execute(delete(Login).where(Login.user_id == g.user.id))
    session().commit()
    return {"changed": "password"}


@api.post("/me/reset")
def reset_password() -> Any:
    if not request.form.get("password"):
        abort(422)
    g.user.password = hash_password(request.form["password"])
    session().execute(delete(Login).where(Login.user_id == g.user.id))
    session().commit()
    return {"reset": "password"}


class Items(MethodView):
    """All of them."""

    def get(self) -> Any:
        page = request.args.get("page", 1, type=int)
        per_page = request.args.get("per_page", 20, type=int)
        status = request.args.get("status")
        page, per_page = max(1, min(page, 10**6)), max(1, min(per_page, 100))
        statement = own()
        if status:
            statement = statement.filter_by(status=status)
        total = session().scalar(select(func.count()).select_from(statement.subquery()))
        statement = statement.order_by(Item.created_at.desc(), Item.id)
        statement = statement.options(selectinload(Item.notes), joinedload(Item.author))
        rows = session().scalars(statement.limit(per_page).offset((page - 1) * per_page)).all()
        return {"data": [item_of(it) for it in rows], "meta": {"total": total, "page": page}}

    def post(self) -> Any:
        needs(Role.EDITOR, Role.OWNER)
        values = sent("name", "shelf_id")
        shelf = session().get(Shelf, values["shelf_id"])
        if shelf is None or shelf.team_id != g.member.team_id:
            abort(404)
        item = Item(team_id=g.member.team_id, author_id=g.user.id, shelf_id=shelf.id)
        item.name = str(values["name"])[:60]
        session().add(item)
        session().commit()
        return {"id": item.id}, 201


class One(MethodView):
    """One of them."""

    def get(self, item_id: int) -> Any:
        return item_of(found(item_id))

    def patch(self, item_id: int) -> Any:
        needs(Role.EDITOR, Role.OWNER)
        item = found(item_id)
        item.name = str(sent("name")["name"])[:60]
        session().commit()
        return {"id": item.id}

    def delete(self, item_id: int) -> Any:
        needs(Role.OWNER)
        item = found(item_id)
        item.deleted_at = datetime.now(timezone.utc)
        session().commit()
        return "", 204


api.add_url_rule("/items", view_func=Items.as_view("items"))
api.add_url_rule("/items/<int:item_id>", view_func=One.as_view("one"))


@api.get("/items/count")
def count() -> Any:
    return {"count": session().scalar(select(func.count()).select_from(own().subquery()))}


@api.get("/items/export")
def export() -> Any:
    out = io.StringIO()
    for item in session().scalars(own().order_by(Item.id)):
        csv.writer(out).writerow([item.id, item.name, item.status])
    return Response(out.getvalue(), mimetype="text/csv")


@api.get("/items/<int:item_id>/notes")
def notes(item_id: int) -> Any:
    item = found(item_id)
    rows = session().scalars(select(Note).filter_by(item_id=item.id).order_by(Note.id))
    return jsonify([{"id": note.id, "words": note.words} for note in rows])


@api.get("/teams/<int:team_id>/items/<int:item_id>")
def nested(team_id: int, item_id: int) -> Any:
    member = session().scalar(select(Membership).filter_by(user_id=g.user.id, team_id=team_id))
    if member is None:
        abort(404)
    item = session().scalar(own().where(Item.team_id == team_id, Item.id == item_id))
    if item is None:
        abort(404)
    return item_of(item)


@api.get("/members")
def members() -> Any:
    needs()
    statement = select(Membership).filter_by(team_id=g.member.team_id)
    rows = session().scalars(statement.options(joinedload(Membership.user)))
    return jsonify([{"id": it.id, "role": it.role.value, **user_of(it.user)} for it in rows])


@api.get("/search")
def search() -> Any:
    word = request.args.get("q", "")
    statement = own().where(Item.name.contains(word, autoescape=True)).order_by(Item.id)
    return jsonify([{"id": it.id, "name": it.name} for it in session().scalars(statement)])


@api.get("/items/<int:item_id>/page")
def page(item_id: int) -> Any:
    return render_template_string(PAGE, items=[found(item_id)])


@api.post("/items/<int:item_id>/picture")
def picture(item_id: int) -> Any:
    needs(Role.EDITOR, Role.OWNER)
    item = found(item_id)
    file = request.files.get("picture")
    if file is None or not file.filename:
        abort(422)
    content = file.read()
    if content[:4] != b"\x89PNG":
        abort(415)
    Path(os.environ["UPLOADS"], f"{item.id}.png").write_bytes(content)
    return {"stored": item.id}, 201


app.register_blueprint(api)
