"""Faults in the depot of Starlette."""

from __future__ import annotations

from tests.engine.walk.route_faults.fault import Fault

ITEM, ITEMS = "GET /items/{item_id}", "GET /items"
CHANGE, PICTURE = "PATCH /items/{item_id}", "POST /items/{item_id}/picture"

FAULTS = [
    Fault(
        "a list of all teams", ITEMS, "tenancy",
        "        statement = select(Item).where(Item.team_id == member.team_id)\n",
        "        statement = select(Item)\n",
    ),
    Fault(
        "a row of all teams", ITEM, "tenancy",
        "        .where(Item.team_id == member.team_id, Item.deleted_at.is_(None))\n",
        "        .where(Item.deleted_at.is_(None))\n",
    ),
    Fault(
        "a count of all teams", "GET /items/count", "tenancy",
        "        own = (Item.team_id == member.team_id, Item.deleted_at.is_(None))\n        return",
        "        own = (Item.deleted_at.is_(None),)\n        return",
    ),
    Fault(
        "an export of all teams", "GET /items/export", "tenancy",
        "        own = (Item.team_id == member.team_id, Item.deleted_at.is_(None))\n        rows",
        "        own = (Item.deleted_at.is_(None),)\n        rows",
    ),
    Fault(
        "members of all teams", "GET /members", "tenancy",
        "select(Membership).where(Membership.team_id == member.team_id)", "select(Membership)",
    ),
    Fault(
        "a shelf of another team", "POST /items", "tenancy",
        "if shelf is None or shelf.team_id != member.team_id:", "if shelf is None:",
    ),
    Fault(
        "the team that is sent", "POST /items", "mass assignment",
        "        item = Item(name=str(sent[\"name\"]), team_id=member.team_id, author_id=member.user_id)\n",
        "        own = {\"team_id\": member.team_id, \"author_id\": member.user_id}\n"
        "        item = Item(**{**own, **(await request.json())})\n",
    ),
    Fault(
        "all that is sent", CHANGE, "mass assignment",
        "        for name, value in sent.items():\n            setattr(item, name, str(value))\n",
        "        for name, value in (await request.json()).items():\n            setattr(item, name, value)\n",
        "items.",
    ),
    Fault(
        "roles in the wrong order", "DELETE /items/{item_id}", "access",
        "await member_of(request, db, Role.OWNER))", "await member_of(request, db, *list(Role)[1:]))",
    ),
    Fault(
        "nobody has to log in", "GET /me", "access",
        "        user = await user_of(request, db)\n        return JSONResponse({\"id\": user.id, \"email\": user.email})",
        "        user = await db.scalar(select(User))\n        return JSONResponse({\"id\": user.id, \"email\": user.email})",
    ),
    Fault(
        "a write by anybody", "POST /items", "access",
        "        member = await member_of(request, db, Role.EDITOR, Role.OWNER)\n        sent",
        "        member = await db.scalar(select(Membership))\n        sent", "as anonymous",
    ),
    Fault(
        "the user of a module", "GET /me", "identity",
        "        user = await user_of(request, db)\n        return JSONResponse({\"id\": user.id, \"email\": user.email})",
        "        user = await user_of(request, db)\n        user = vars(logger).setdefault(\"last\", user)\n"
        "        return JSONResponse({\"id\": user.id, \"email\": user.email})",
    ),
    Fault(
        "a commit before the payload", CHANGE, "untouched",
        "        sent = await payload(request, \"name\")\n        for",
        "        item.status = \"changed\"\n        await db.commit()\n"
        "        sent = await payload(request, \"name\")\n        for",
    ),
    Fault(
        "hashes beside items", ITEMS, "private fields",
        "author = {\"id\": item.author.id, \"email\": item.author.email}",
        "author = {k: v for k, v in vars(item.author).items() if k[0] != \"_\"}",
    ),
    Fault(
        "keys of members", "GET /members", "private fields",
        "\"email\": it.user.email}", "\"email\": it.user.email, \"key\": it.user.key}",
    ),
    Fault(
        "who logs in, and by what", "POST /login", "private fields",
        "    sent = await payload(request, \"email\", \"password\")\n    async with sessions() as db:\n        user =",
        "    sent = await payload(request, \"email\", \"password\")\n    logger.info(\"login %s\", sent)\n"
        "    async with sessions() as db:\n        user =",
    ),
    Fault(
        "a cursor that is one off", ITEMS, "lists",
        "last = rows[size - 1].id if len(rows) > size else None",
        "last = rows[size].id if len(rows) > size else None", "on no page",
    ),
    Fault(
        "a cursor that stays", ITEMS, "lists",
        "statement.where(Item.id > int(cursor[:9]))", "statement.where(Item.id >= int(cursor[:9]))", "times",
    ),
    Fault(
        "what was deleted is counted", ITEMS, "lists",
        "        total = await db.scalar(select(func.count()).select_from(statement.subquery()))\n",
        "        mine = Item.team_id == member.team_id\n"
        "        total = await db.scalar(select(func.count(Item.id)).where(mine))\n", "deleted_at",
    ),
    Fault(
        "what was deleted is there", ITEMS, "lists",
        "        statement = statement.where(Item.deleted_at.is_(None))\n", "", "deleted_at",
    ),
    Fault(
        "a limit that is a number", ITEMS, "lists",
        "size = max(1, min(int(limit), 100)) if limit.isdecimal() else 20", "size = int(limit)", "limit",
    ),
    Fault(
        "the wrong column", ITEMS, "lists",
        "statement = statement.where(Item.status == status)", "statement = statement.where(Item.name != status)",
        "status",
    ),
    Fault(
        "an author for each", ITEMS, "budget",
        "        told = [seen(item) for item in rows[:size]]\n",
        "        told = []\n        for item in rows[:size]:\n"
        "            name = await db.scalar(select(User.email).where(User.id == item.author_id))\n"
        "            told.append({**seen(item), \"author_name\": name})\n",
    ),
    Fault(
        "a shelf for each that is exported", "GET /items/export", "budget",
        "        rows = await db.scalars(select(Item).where(*own).order_by(Item.id))\n",
        "        rows = [*await db.scalars(select(Item).where(*own).order_by(Item.id))]\n"
        "        for item in rows:\n            await db.scalar(select(Shelf).where(Shelf.id == item.shelf_id))\n",
    ),
    Fault(
        "a query of text", "GET /search", "injection",
        "statement.where(Item.name.contains(word))", "statement.where(text(f\"items.name like '%{word}%'\"))",
    ),
    Fault(
        "a payload that is believed", CHANGE, "odd input",
        "    except (ValueError, KeyError, TypeError):", "    except ValueError:",
    ),
    Fault(
        "a page that is not escaped", "GET /items/{item_id}/page", "injection",
        "html.escape(item.name)", "item.name",
    ),
    Fault(
        "sign up in another case", "POST /signup", "unique case",
        "    email = str(sent[\"email\"]).lower()\n", "    email = str(sent[\"email\"])\n",
    ),
    Fault(
        "all origins", "GET /me", "headers",
        "allow_origins=[\"https://depot.example\"]", "allow_origin_regex=\"https://.*\"",
    ),
    Fault(
        "a cookie that is read", "POST /login", "headers",
        "response.set_cookie(\"login\", token, httponly=True)", "response.set_cookie(\"login\", token)",
    ),
    Fault(
        "a folder of the sender", PICTURE, "uploads",
        "Path(os.environ[\"UPLOADS\"], f\"{item.id}.png\").write_bytes(content)",
        "Path(os.environ[\"UPLOADS\"], file.filename).write_bytes(content)", "another folder",
    ),
    Fault(
        "a type of the sender", PICTURE, "uploads",
        "if not content.startswith(b\"\\x89PNG\"):", "if file.content_type != \"image/png\":",
    ),
    Fault(
        "a session after the password", "POST /me/password", "ends",
        "        await db.execute(delete(Login).where(Login.user_id == user.id))\n        await db.commit()\n"
        "    return JSONResponse({\"changed\"",
        "        await db.commit()\n    return JSONResponse({\"changed\"",
    ),
    Fault(
        "a twin: a list in no pages", ITEMS, "",
        "size = max(1, min(int(limit), 100)) if limit.isdecimal() else 20", "size = 100",
        beside=("    limit = request.query_params.get(\"limit\", \"20\")\n", ""), takes=True,
    ),
]  # fmt: skip
