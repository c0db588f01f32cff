"""Faults in the depot of FastAPI."""

from __future__ import annotations

from tests.engine.walk.route_faults.fault import Fault

OF_TEAM = "select(Item).where(Item.team_id == membership.team_id, Item.deleted_at.is_(None))"
ITEM, ITEMS = "GET /items/{item_id}", "GET /items"
CHANGE = "PATCH /items/{item_id}"
NESTED = "GET /teams/{team_id}/items/{item_id}"

FAULTS = [
    Fault(
        "no team in any query", ITEMS, "tenancy",
        OF_TEAM, "select(Item).where(Item.deleted_at.is_(None))", sync=True,
    ),
    Fault(
        "no team in the detail", ITEM, "tenancy",
        "statement = of_team(membership).where(Item.id == item_id)",
        "statement = select(Item).where(Item.id == item_id)", sync=True,
    ),
    Fault(
        "no team in the export", "GET /items/export", "tenancy",
        "await db.scalars(of_team(membership).order_by(Item.id))",
        "await db.scalars(select(Item).order_by(Item.id))", sync=True,
    ),
    Fault(
        "no team in the count", "GET /items/count", "tenancy",
        "func.count()).select_from(of_team(membership).subquery())\n    return {\"count\"",
        "func.count()).select_from(Item)\n    return {\"count\"", sync=True,
    ),
    Fault(
        "no team in a change", CHANGE, "tenancy",
        "    item = await found(db, membership, item_id)\n    for name",
        "    item = await db.get(Item, item_id)\n    for name",
    ),
    Fault(
        "no team in a deletion", "DELETE /items/{item_id}", "tenancy",
        "    item = await found(db, membership, item_id)\n    item.deleted_at",
        "    item = await db.get(Item, item_id)\n    item.deleted_at", sync=True,
    ),
    Fault(
        "children of any parent", "GET /items/{item_id}/notes", "tenancy",
        "    item = await found(db, membership, item_id)\n    statement = select(Note).where(Note.item_id == item.id)",
        "    statement = select(Note).where(Note.item_id == item_id)",
    ),
    Fault(
        "the team of the path is anybody's", NESTED, "tenancy",
        "if membership.team_id != team_id:", "if team_id < 0:", sync=True,
    ),
    Fault(
        "only the team of the path is looked at", NESTED, "tenancy",
        "select(Item).where(Item.id == item_id, Item.team_id == team_id)",
        "select(Item).where(Item.id == item_id)",
    ),
    Fault(
        "a parent of another team", "POST /items", "tenancy",
        "if shelf is None or shelf.team_id != membership.team_id:", "if shelf is None:", sync=True,
    ),
    Fault(
        "a parameter that shows all teams", ITEMS, "tenancy",
        "    statement = of_team(membership)\n    if status is not None:",
        "    statement = of_team(membership) if not everything else select(Item)\n"
        "    if status is not None:",
        beside=('sort: Literal', 'everything: bool = False,\n    sort: Literal'),
        takes=True,
    ),
    Fault(
        "a search over all teams", "GET /search", "tenancy",
        "statement = of_team(membership).where(Item.name.contains",
        "statement = select(Item).where(Item.name.contains", sync=True,
    ),
    Fault(
        "members of all teams", "GET /members", "tenancy",
        "select(Membership).where(Membership.team_id == membership.team_id)", "select(Membership)",
    ),
    Fault(
        "a role in another team", "PATCH /members/{user_id}", "tenancy",
        "        Membership.user_id == user_id, Membership.team_id == membership.team_id\n",
        "        Membership.user_id == user_id\n",
    ),
    Fault(
        "no role for a deletion", "DELETE /items/{item_id}", "access",
        "async def remove(db: Db, membership: Owner", "async def remove(db: Db, membership: Member",
        sync=True,
    ),
    Fault(
        "the role check the wrong way round", CHANGE, "granted",
        "if membership.role not in roles:", "if membership.role in roles:", "as owner answered 403",
    ),
    Fault(
        "a route beside the router", "GET /items/count", "access",
        "async def count(db: Db, membership: Member) -> dict[str, int]:\n"
        "    counted = select(func.count()).select_from(of_team(membership).subquery())",
        "async def count(db: Db) -> dict[str, int]:\n"
        "    counted = select(func.count()).select_from(Item)",
    ),
    Fault(
        "who is switched off", "GET /me", "access",
        "if user is None or not user.is_active:\n        raise HTTPException(401, \"Who",
        "if user is None:\n        raise HTTPException(401, \"Who", sync=True,
    ),
    Fault(
        "written before it is checked", "POST /items", "untouched",
        "    shelf = await db.get(Shelf, adding.shelf_id)\n",
        "    db.add(Shelf(team_id=membership.team_id, place=\"behind\"))\n    await db.commit()\n"
        "    shelf = await db.get(Shelf, adding.shelf_id)\n", sync=True,
    ),
    Fault(
        "changed before it is checked", "DELETE /items/{item_id}", "untouched",
        "async def remove(db: Db, membership: Owner, item_id: int) -> None:\n"
        "    item = await found(db, membership, item_id)\n"
        "    item.deleted_at = datetime.now(timezone.utc)\n"
        "    await db.commit()\n",
        "async def remove(db: Db, membership: Member, item_id: int) -> None:\n"
        "    item = await found(db, membership, item_id)\n"
        "    item.deleted_at = datetime.now(timezone.utc)\n"
        "    await db.commit()\n"
        "    if membership.role is not Role.OWNER:\n"
        "        raise HTTPException(403, \"Not you.\")\n",
    ),
    Fault(
        "the hash in the answer", "GET /me", "private fields",
        "    id: int\n    email: str\n\n\nclass Shown", "    id: int\n    email: str\n    password: str\n\n\nclass Shown",
        "users.password", sync=True,
    ),
    Fault(
        "the hash of an author", ITEM, "private fields",
        "    id: int\n    email: str\n\n\nclass Shown", "    id: int\n    email: str\n    password: str\n\n\nclass Shown",
        "users.password",
    ),
    Fault(
        "the key of a member", "GET /members", "private fields",
        "\"user\": Public.model_validate(it.user)}", "\"user\": {\"key\": it.user.key}}", "users.key",
    ),
    Fault(
        "a password in the log", "POST /signup", "private fields",
        "logger.info(\"%s came\", user.id)", "logger.info(\"%s came\", who)", sync=True,
    ),
    Fault(
        "a token in the log", "POST /login", "private fields",
        "    response.set_cookie(\"login\", token, httponly=True)\n",
        "    response.set_cookie(\"login\", token, httponly=True)\n    print(\"login\", token)\n",
    ),
    Fault(
        "everything that is sent is written", "POST /items", "mass assignment",
        "    name: str\n    shelf_id: int\n",
        "    model_config = ConfigDict(extra=\"allow\")\n    name: str\n    shelf_id: int\n", sync=True,
        takes=True,
    ),
    Fault(
        "everything that is sent is changed", CHANGE, "mass assignment",
        "class Changing(BaseModel):\n    \"\"\"What is sent of an item that is there.\"\"\"\n",
        "class Changing(BaseModel):\n    \"\"\"What is sent of an item that is there.\"\"\"\n\n"
        "    model_config = ConfigDict(extra=\"allow\")\n", sync=True,
        takes=True,
    ),
    Fault(
        "a total of all teams", ITEMS, "tenancy",
        "total = await db.scalar(select(func.count()).select_from(statement.subquery())) or 0",
        "total = await db.scalar(select(func.count()).select_from(Item)) or 0",
    ),
    Fault(
        "a total with what was deleted", ITEMS, "lists",
        "total = await db.scalar(select(func.count()).select_from(statement.subquery())) or 0",
        "total = await db.scalar(select(func.count()).where(Item.team_id == membership.team_id)) or 0",
        "total", sync=True,
    ),
    Fault(
        "what was deleted is listed", ITEMS, "lists",
        OF_TEAM, "select(Item).where(Item.team_id == membership.team_id)", "deleted_at", sync=True,
    ),
    Fault(
        "what was deleted is read", ITEMS, "lists",
        "    statement = of_team(membership).where(Item.id == item_id)",
        "    statement = select(Item).where(Item.team_id == membership.team_id, Item.id == item_id)",
        "deleted_at",
    ),
    Fault(
        "an offset that is one off", ITEMS, "lists",
        ".offset(offset)", ".offset(offset + 1 if offset else 0)", "on no page", sync=True,
    ),
    Fault(
        "a row on two pages", ITEMS, "lists",
        ".offset(offset)", ".offset(max(0, offset - 1))", "2 times",
    ),
    Fault(
        "no order", ITEMS, "lists",
        "    ordered = statement.order_by(Item.name if sort == \"name\" else Item.id, Item.id)\n",
        "    ordered = statement\n", "no order", sync=True,
    ),
    Fault(
        "an order that is no order", ITEMS, "lists",
        "statement.order_by(Item.name if sort == \"name\" else Item.id, Item.id)",
        "statement.order_by(Item.status)", sync=True,
    ),
    Fault(
        "no limit", ITEMS, "lists",
        ".offset(offset).limit(limit)", ".offset(offset)", "when limit was 2", sync=True,
    ),
    Fault(
        "a bad page breaks", ITEMS, "lists",
        "offset: Annotated[int, Query(ge=0, le=10**9)] = 0,\n    status",
        "offset: str = \"0\",\n    status",
        beside=('.offset(offset)', '.offset(int(offset))'),
        takes=True,
    ),
    Fault(
        "a filter that does nothing", ITEMS, "lists",
        "statement = statement.where(Item.status == status)", "pass", "status", sync=True,
    ),
    Fault(
        "a filter the wrong way round", ITEMS, "lists",
        "statement.where(Item.status == status)", "statement.where(Item.status != status)", "status",
    ),
    Fault(
        "an order that is not asked for", ITEMS, "lists",
        "Item.name if sort == \"name\" else Item.id, Item.id", "Item.id", "sort",
    ),
    Fault(
        "lazy in the list", ITEMS, "budget",
        "ordered.offset(offset).limit(limit).options(*whole)\n"
        "    return Page(items=[shown(item) for item in await db.scalars(ordered)], total=total)",
        "ordered.offset(offset).limit(limit).options(selectinload(Item.notes))\n"
        "    rows = [*await db.scalars(ordered)]\n"
        "    for item in rows:\n"
        "        await db.refresh(item, [\"author\"])\n"
        "    return Page(items=[shown(item) for item in rows], total=total)",
    ),
    Fault(
        "a query for each member", "GET /members", "budget",
        "    rows = await db.scalars(statement)\n",
        "    rows = [*await db.scalars(statement)]\n"
        "    for it in rows:\n"
        "        await db.execute(select(func.count()).where(Item.author_id == it.user_id))\n", sync=True,
    ),
    Fault(
        "a query for each that is filtered", ITEMS, "budget",
        "        statement = statement.where(Item.status == status)\n",
        "        statement = statement.where(Item.status == status)\n"
        "        for one in [*await db.scalars(statement)]:\n"
        "            await db.execute(select(func.count()).where(Note.item_id == one.id))\n",
    ),
    Fault(
        "a query for each that is exported", "GET /items/export", "budget",
        "    rows = await db.scalars(of_team(membership).order_by(Item.id))\n",
        "    rows = [*await db.scalars(of_team(membership).order_by(Item.id))]\n"
        "    for it in rows:\n"
        "        await db.execute(select(func.count()).where(Note.item_id == it.id))\n",
    ),
    Fault(
        "a statement made of text", "GET /search", "injection",
        "of_team(membership).where(Item.name.contains(q, autoescape=True))",
        "of_team(membership).where(text(f\"name LIKE '%{q}%'\"))", sync=True,
    ),
    Fault(
        "an order made of text", ITEMS, "injection",
        "    sort: Literal[\"name\", \"id\"] = \"id\",\n",
        "    sort: str = \"id\",\n", sync=True,
        beside=('Item.name if sort == "name" else Item.id, Item.id', 'text(sort)'),
        takes=True,
    ),
    Fault(
        "odd text breaks", "GET /search", "injection",
        "    statement = of_team(membership).where(Item.name.contains",
        "    q = q.encode(\"ascii\").decode().split(\"<\", 1)[0 if \"<\" not in q else 2]\n"
        "    statement = of_team(membership).where(Item.name.contains",
    ),
    Fault(
        "a name stands in the page as it is", "GET /items/{item_id}/page", "injection",
        "html.escape(item.name)", "item.name", sync=True,
    ),
    Fault(
        "everybody is the first who asked", "GET /me", "identity",
        "async def me(user: Me) -> Public:\n    return Public.model_validate(user)\n",
        "async def me(user: Me) -> Public:\n    return Public.model_validate(seen.setdefault(0, user))\n",
        sync=True,
        beside=('app = FastAPI()\n', 'app = FastAPI()\nseen: dict[int, User] = {}\n'),
    ),
    Fault(
        "another case signs up again", "POST /signup", "unique case",
        "    email = who.email.strip().lower()\n", "    email = who.email.strip()\n", sync=True,
    ),
    Fault(
        "who signs up in capitals cannot log in", "POST /signup", "unique case",
        "User.email == who.email.strip().lower()))\n    if user is None or user.password",
        "User.email == who.email.strip()))\n    if user is None or user.password",
    ),
    Fault(
        "any origin may read", "GET /me", "headers",
        "allow_origins=[\"https://depot.example\"]", "allow_origin_regex=\".*\"", sync=True,
    ),
    Fault(
        "an origin of null may read", "GET /me", "headers",
        "allow_origins=[\"https://depot.example\"]", "allow_origins=[\"https://depot.example\", \"null\"]",
    ),
    Fault(
        "scripts may read the session", "POST /login", "headers",
        "response.set_cookie(\"login\", token, httponly=True)", "response.set_cookie(\"login\", token)",
        sync=True,
    ),
    Fault(
        "what says that it is a picture is one", "POST /items/{item_id}/picture", "uploads",
        "if not content.startswith(b\"\\x89PNG\"):", "if picture.content_type != \"image/png\":", sync=True,
    ),
    Fault(
        "a file gets the name that it comes with", "POST /items/{item_id}/picture", "uploads",
        "(UPLOADS / f\"{item.id}.png\").write_bytes(content)",
        "(UPLOADS / (picture.filename or \"\")).write_bytes(content)", "..", sync=True,
    ),
    Fault(
        "what is no picture breaks", "POST /items/{item_id}/picture", "uploads",
        "    if not content.startswith(b\"\\x89PNG\"):\n        raise HTTPException(415, \"No picture.\")\n",
        "    if content[12:16].decode() != \"IHDR\":\n        raise ValueError(\"no picture\")\n",
    ),
    Fault(
        "a session outlives the password", "POST /me/password", "ends",
        "    await db.execute(delete(Login).where(Login.user_id == user.id))\n    await db.commit()\n"
        "    return {\"changed\"",
        "    await db.commit()\n    return {\"changed\"", sync=True,
    ),
]  # fmt: skip
