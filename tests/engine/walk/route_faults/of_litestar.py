"""Faults in the depot of Litestar."""

from __future__ import annotations

from tests.engine.walk.route_faults.fault import Fault

ITEM, ITEMS = "GET /items/{item_id}", "GET /items"
CHANGE, PICTURE = "PATCH /items/{item_id}", "POST /items/{item_id}/picture"

FAULTS = [
    Fault(
        "a list of all teams", ITEMS, "tenancy",
        "        own = [Item.team_id == member.team_id, Item.deleted_at.is_(None)]\n",
        "        own = [Item.deleted_at.is_(None)]\n",
    ),
    Fault(
        "a row of all teams", ITEM, "tenancy",
        "    own = (Item.team_id == member.team_id, Item.deleted_at.is_(None), Item.id == item_id)\n",
        "    own = (Item.deleted_at.is_(None), Item.id == item_id)\n",
    ),
    Fault(
        "a change in all teams", CHANGE, "tenancy",
        "        item = await found(db, member, item_id)\n        item.name",
        "        item = await db.get(Item, item_id)\n        item.name",
    ),
    Fault(
        "a count of all teams", "GET /items/count", "tenancy",
        "        own = (Item.team_id == member.team_id, Item.deleted_at.is_(None))\n        return {\"count\"",
        "        own = (Item.deleted_at.is_(None),)\n        return {\"count\"",
    ),
    Fault(
        "members of all teams", "GET /members", "tenancy",
        "select(Membership).where(Membership.team_id == member.team_id)", "select(Membership)",
    ),
    Fault(
        "a shelf of all teams", "POST /items", "tenancy",
        "if shelf is None or shelf.team_id != member.team_id:", "if shelf is None:",
    ),
    Fault(
        "a search of all teams", "GET /search", "tenancy",
        "    own = (Item.team_id == member.team_id, Item.deleted_at.is_(None))\n    statement = select(Item).where(*own)",
        "    own = (Item.deleted_at.is_(None),)\n    statement = select(Item).where(*own)",
    ),
    Fault(
        "a guard forgotten on one handler", "DELETE /items/{item_id}", "access",
        "@delete(\"/{item_id:int}\", guards=[owners_only])", "@delete(\"/{item_id:int}\")",
        "as member answered 204",
    ),
    Fault(
        "a guard the wrong way round", CHANGE, "granted",
        "role not in {Role.EDITOR, Role.OWNER}", "role in {Role.EDITOR, Role.OWNER}", "403",
    ),
    Fault(
        "a guard of others", CHANGE, "access",
        "@patch(\"/{item_id:int}\", guards=[editors_only])", "@patch(\"/{item_id:int}\", guards=[owners_only])",
        "as role:editor",
    ),
    Fault(
        "who is switched off", "GET /me", "access",
        "if user is None or not user.is_active:", "if user is None:", "as inactive",
    ),
    Fault(
        "what is kept of a user", "GET /me", "identity",
        "    user = await user_of(request)\n    return Public",
        "    user = await user_of(request)\n    user = request.app.state.setdefault(\"user\", user)\n    return Public",
    ),
    Fault(
        "a row before it is refused", "POST /items", "untouched",
        "        shelf = await db.get(Shelf, data.shelf_id)\n        if shelf",
        "        db.add(Shelf(team_id=member.team_id, place=data.name))\n        await db.commit()\n"
        "        shelf = await db.get(Shelf, data.shelf_id if data.name else None)\n        if shelf",
        beside=("    name: str\n    shelf_id: int\n\n\n@dataclass\nclass Changing", "    name: str = \"\"\n    shelf_id: int = 0\n\n\n@dataclass\nclass Changing"),
        takes=True,
    ),
    Fault(
        "the hash of a user", "GET /me", "private fields",
        "    user = await user_of(request)\n    return Public(user.id, user.email)",
        "    user = await user_of(request)\n    return Public(user.id, f\"{user.email} {user.password}\")",
    ),
    Fault(
        "hashes of members", "GET /members", "private fields",
        "[Public(it.user.id, it.user.email) for it in rows]",
        "[Public(it.user.id, it.user.email + it.user.password) for it in rows]",
    ),
    Fault(
        "a password that is logged", "POST /signup", "private fields",
        "logger.info(\"user %s\", user.id)", "logger.info(\"user %s\", data)",
    ),
    Fault(
        "all that is sent of a new one", "POST /items", "mass assignment",
        "    async def add(self, db: Db, member: Own, data: Adding) -> dict[str, int]:\n        shelf = await db.get(Shelf, data.shelf_id)",
        "    async def add(self, db: Db, member: Own, data: Adding, request: Request[Any, Any, Any]) -> dict[str, int]:\n"
        "        shelf = await db.get(Shelf, data.shelf_id)",
        beside=(
            "item = Item(team_id=member.team_id, author_id=member.user_id, **vars(data))",
            "item = Item(**{\"team_id\": member.team_id, \"author_id\": member.user_id, **(await request.json())})",
        ),
    ),
    Fault(
        "an offset that is one off", ITEMS, "lists",
        ".limit(limit).offset(offset)", ".limit(limit).offset(offset and offset + 1)", "on no page",
    ),
    Fault(
        "no order", ITEMS, "lists",
        ".order_by(Item.created_at, Item.id)", "", "no order",
    ),
    Fault(
        "no limit", ITEMS, "lists", "statement.limit(limit).offset(offset)", "statement.offset(offset)", "limit",
    ),
    Fault(
        "a total of everything", ITEMS, "lists",
        "        total = await db.scalar(select(func.count()).select_from(Item).where(*own))\n",
        "        total = await db.scalar(select(func.count()).select_from(Item).where(own[0]))\n", "deleted_at",
    ),
    Fault(
        "a filter of nothing", ITEMS, "lists", "own.append(Item.status == status)", "status.lower()", "status",
    ),
    Fault(
        "what was deleted", ITEMS, "lists",
        "own = [Item.team_id == member.team_id, Item.deleted_at.is_(None)]", "own = [Item.team_id == member.team_id]",
        "deleted_at",
    ),
    Fault(
        "a query for each", ITEMS, "budget",
        "        return Response(rows, headers={\"X-Total-Count\": str(total)})\n",
        "        for row in rows:\n            await db.scalar(select(func.count()).where(Note.item_id == row.id))\n"
        "        return Response(rows, headers={\"X-Total-Count\": str(total)})\n",
    ),
    Fault(
        "a query for each member", "GET /members", "budget",
        "    return [Public(it.user.id, it.user.email) for it in rows]\n",
        "    found = []\n    for it in [*rows]:\n"
        "        email = await db.scalar(select(User.email).where(User.id == it.user_id))\n"
        "        found.append(Public(it.user_id, email or \"\"))\n    return found\n",
    ),
    Fault(
        "a statement of text", "GET /search", "injection",
        "select(Item).where(*own).where(Item.name.contains(q, autoescape=True))",
        "select(Item).where(*own, text(f\"name LIKE '%{q}%'\"))",
    ),
    Fault(
        "one that is not there", ITEM, "odd input",
        "    if item is None:\n        raise NotFoundException\n    return item\n",
        "    assert item is not None\n    return item\n",
    ),
    Fault(
        "markup in a page", "GET /items/{item_id}/page", "injection", "html.escape(item.name)", "item.name",
    ),
    Fault(
        "another case", "POST /signup", "unique case",
        "    email = data.email.lower()\n", "    email = data.email\n",
    ),
    Fault(
        "capitals cannot log in", "POST /signup", "unique case",
        "where(User.email == data.email.lower()))", "where(User.email == data.email))", "cannot log in",
    ),
    Fault(
        "every origin", "GET /me", "headers",
        "allow_origins=[\"https://depot.example\"]",
        "allow_origins=[\"https://depot.example\"], allow_origin_regex=\".+\"",
    ),
    Fault(
        "a cookie for scripts", "POST /login", "headers",
        "response.set_cookie(\"login\", token, httponly=True)", "response.set_cookie(\"login\", token)",
    ),
    Fault(
        "the name of a file", PICTURE, "uploads",
        "Path(os.environ[\"UPLOADS\"], f\"{item.id}.png\").write_bytes(content)",
        "Path(os.environ[\"UPLOADS\"], file.filename).write_bytes(content)", "another folder",
    ),
    Fault(
        "the type of a file", PICTURE, "uploads",
        "if not content.startswith(b\"\\x89PNG\"):", "if file.content_type != \"image/png\":",
    ),
    Fault(
        "a session goes on", "POST /me/reset", "ends",
        "    await db.execute(removing(Login).where(Login.user_id == user.id))\n    await db.commit()\n    return {\"reset\"",
        "    await db.commit()\n    return {\"reset\"",
    ),
]  # fmt: skip
