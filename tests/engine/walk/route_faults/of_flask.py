"""Faults in the depot of Flask."""

from __future__ import annotations

from tests.engine.walk.route_faults.fault import Fault

OWN = "select(Item).where(Item.team_id == g.member.team_id).where(Item.deleted_at.is_(None))"
ITEM, ITEMS = "GET /items/{item_id}", "GET /items"
CHANGE, PICTURE = "PATCH /items/{item_id}", "POST /items/{item_id}/picture"
NESTED = "GET /teams/{team_id}/items/{item_id}"

FAULTS = [
    Fault(
        "no team in any query", ITEMS, "tenancy",
        OWN, "select(Item).where(Item.deleted_at.is_(None))",
    ),
    Fault(
        "any row by its key", ITEM, "tenancy",
        "        return item_of(found(item_id))",
        "        return item_of(session().get(Item, item_id) or abort(404))",
    ),
    Fault(
        "any row is changed", CHANGE, "tenancy",
        "        item = found(item_id)\n        item.name",
        "        item = session().get(Item, item_id) or abort(404)\n        item.name",
    ),
    Fault(
        "any row is deleted for good", "DELETE /items/{item_id}", "tenancy",
        "        item = found(item_id)\n        item.deleted_at = datetime.now(timezone.utc)\n",
        "        session().execute(delete(Note).where(Note.item_id == item_id))\n"
        "        session().execute(delete(Item).where(Item.id == item_id))\n",
    ),
    Fault(
        "a count over all", "GET /items/count", "tenancy",
        "select(func.count()).select_from(own().subquery())", "select(func.count(Item.id))",
    ),
    Fault(
        "an export of all", "GET /items/export", "tenancy",
        "session().scalars(own().order_by(Item.id))",
        "session().scalars(select(Item).order_by(Item.id))",
    ),
    Fault(
        "notes by the key of their item", "GET /items/{item_id}/notes", "tenancy",
        "    item = found(item_id)\n    rows = session().scalars(select(Note).filter_by(item_id=item.id)",
        "    rows = session().scalars(select(Note).filter_by(item_id=item_id)",
    ),
    Fault(
        "only the membership is looked at", NESTED, "tenancy",
        "own().where(Item.team_id == team_id, Item.id == item_id)", "select(Item).filter_by(id=item_id)",
    ),
    Fault(
        "members of every team", "GET /members", "tenancy",
        "select(Membership).filter_by(team_id=g.member.team_id)", "select(Membership)",
    ),
    Fault(
        "a search over all", "GET /search", "tenancy",
        "own().where(Item.name.contains(word, autoescape=True))",
        "select(Item).where(Item.name.contains(word, autoescape=True))",
    ),
    Fault(
        "a parameter that names another team", ITEMS, "tenancy",
        "        if status:\n            statement = statement.filter_by(status=status)\n",
        "        if status:\n            statement = statement.filter_by(status=status)\n"
        "        if team_id := request.args.get(\"team_id\", type=int):\n"
        "            statement = select(Item).filter_by(team_id=team_id)\n",
        takes=True,
    ),
    Fault(
        "any shelf", "POST /items", "tenancy",
        "if shelf is None or shelf.team_id != g.member.team_id:", "if shelf is None:",
    ),
    Fault(
        "no role on one method of a view", "DELETE /items/{item_id}", "access",
        "    def delete(self, item_id: int) -> Any:\n        needs(Role.OWNER)\n",
        "    def delete(self, item_id: int) -> Any:\n        needs()\n", "as member answered 204",
    ),
    Fault(
        "a role too few", CHANGE, "access",
        "    def patch(self, item_id: int) -> Any:\n        needs(Role.EDITOR, Role.OWNER)\n",
        "    def patch(self, item_id: int) -> Any:\n        needs(Role.READER, Role.OWNER)\n",
    ),
    Fault(
        "a blueprint whose login is forgotten", "GET /me", "access",
        "    if user is None or not user.is_active:\n        abort(401)\n    g.user = user",
        "    if user is None:\n        user = session().scalar(select(User))\n    g.user = user",
        "as anonymous answered 200",
    ),
    Fault(
        "a check behind the commit", CHANGE, "untouched",
        "        needs(Role.EDITOR, Role.OWNER)\n        item = found(item_id)\n"
        "        item.name = str(sent(\"name\")[\"name\"])[:60]\n        session().commit()\n",
        "        item = found(item_id)\n"
        "        item.name = str(sent(\"name\")[\"name\"])[:60]\n        session().commit()\n"
        "        needs(Role.EDITOR, Role.OWNER)\n",
    ),
    Fault(
        "a row before its payload is looked at", "POST /items", "untouched",
        "        needs(Role.EDITOR, Role.OWNER)\n        values",
        "        needs(Role.EDITOR, Role.OWNER)\n"
        "        session().add(Shelf(team_id=g.member.team_id, place=\"new\"))\n"
        "        session().commit()\n        values",
    ),
    Fault(
        "a hash below an item", ITEMS, "private fields",
        "return {\"id\": user.id, \"email\": user.email}",
        "return {\"id\": user.id, \"email\": user.email, \"hash\": user.password}",
    ),
    Fault(
        "all columns of members", "GET /members", "private fields",
        "**user_of(it.user)}",
        "**{c.name: getattr(it.user, c.name) for c in User.__table__.columns}}",
    ),
    Fault(
        "a payload in the log", "POST /signup", "private fields",
        "logger.warning(\"user %s came\", user.id)", "logger.warning(\"signup %r\", request.get_json())",
    ),
    Fault(
        "attributes from the payload", CHANGE, "mass assignment",
        "        item.name = str(sent(\"name\")[\"name\"])[:60]\n",
        "        sent(\"name\")\n        for name, value in request.get_json().items():\n"
        "            setattr(item, name, value)\n",
    ),
    Fault(
        "the payload as arguments", "POST /items", "mass assignment",
        "        item = Item(team_id=g.member.team_id, author_id=g.user.id, shelf_id=shelf.id)\n",
        "        item = Item(**{\"team_id\": g.member.team_id, \"author_id\": g.user.id,"
        " **request.get_json()})\n",
    ),
    Fault(
        "who signs up is what they say", "POST /signup", "mass assignment",
        "    user = User(email=email, password=hash_password(str(who[\"password\"])))\n",
        "    rest = {**request.get_json(), \"email\": email,"
        " \"password\": hash_password(str(who[\"password\"]))}\n    user = User(**rest)\n",
        "the payload set users.",
    ),
    Fault(
        "the total of all pages but deleted ones too", ITEMS, "lists",
        "total = session().scalar(select(func.count()).select_from(statement.subquery()))",
        "total = session().scalar(select(func.count()).where(Item.team_id == g.member.team_id))",
        "deleted_at",
    ),
    Fault(
        "deleted ones", ITEMS, "lists",
        ".where(Item.team_id == g.member.team_id).where(Item.deleted_at.is_(None))",
        ".where(Item.team_id == g.member.team_id)", "deleted_at",
    ),
    Fault(
        "pages that begin at the second", ITEMS, "lists",
        ".offset((page - 1) * per_page)", ".offset((page - 1) * per_page + 1)",
    ),
    Fault(
        "pages that overlap", ITEMS, "lists",
        ".offset((page - 1) * per_page)", ".offset((page - 1) * (per_page - 1))", "2 times",
    ),
    Fault(
        "pages in the order of what many have", ITEMS, "lists",
        "order_by(Item.created_at.desc(), Item.id)", "order_by(Item.approved)", "alike",
    ),
    Fault(
        "a page before the first", ITEMS, "lists",
        "page, per_page = max(1, min(page, 10**6)), max(1, min(per_page, 100))",
        "assert page > 0\n        per_page = max(1, min(per_page, 100))", "page",
    ),
    Fault(
        "a filter for what is only part of it", ITEMS, "lists",
        "if status:\n            statement = statement.filter_by(status=status)",
        "if status == \"open\":\n            statement = statement.filter_by(status=status)", "status",
    ),
    Fault(
        "authors one by one", ITEMS, "budget",
        "selectinload(Item.notes), joinedload(Item.author)", "selectinload(Item.notes)",
    ),
    Fault(
        "notes one by one", ITEMS, "budget",
        "selectinload(Item.notes), joinedload(Item.author)", "joinedload(Item.author)",
    ),
    Fault(
        "users one by one", "GET /members", "budget",
        "statement.options(joinedload(Membership.user))", "statement",
    ),
    Fault(
        "one by one for a page", "GET /items/export", "budget",
        "writerow([item.id, item.name, item.status])", "writerow([item.id, item.name, len(item.notes)])",
    ),
    Fault(
        "each note by itself", "GET /items/{item_id}", "budget",
        "\"notes\": [it.words for it in item.notes]}",
        "\"notes\": [session().scalar(select(Note.words).filter_by(id=it.id)) for it in item.notes]}",
    ),
    Fault(
        "a statement by format", "GET /search", "injection",
        "own().where(Item.name.contains(word, autoescape=True))",
        "own().where(text(\"name LIKE '%{}%'\".format(word)))", "part of a statement",
    ),
    Fault(
        "a pattern of Python", "GET /search", "injection",
        "    statement = own().where(Item.name.contains(word, autoescape=True))",
        "    word = word.format(\"\")\n    statement = own().where(Item.name.contains(word, autoescape=True))",
    ),
    Fault(
        "a field that has to be there", CHANGE, "odd input",
        "str(sent(\"name\")[\"name\"])[:60]", "str(request.get_json()[\"name\"])[:60]",
    ),
    Fault(
        "nobody is looked for", "GET /items/{item_id}", "odd input",
        "    item = session().scalar(own().where(Item.id == item_id))\n    if item is None:\n        abort(404)\n    return item\n\n\ndef user_of",
        "    return session().scalars(own().where(Item.id == item_id)).one()\n\n\ndef user_of",
    ),
    Fault(
        "a name that is said to be safe", "GET /items/{item_id}/page", "injection",
        "{{ item.name }}", "{{ item.name|safe }}", "markup",
    ),
    Fault(
        "who asked is kept", "GET /me", "identity",
        "    return user_of(g.user)\n\n\n@api.post(\"/me/password\")",
        "    return user_of(app.config.setdefault(\"user\", g.user))\n\n\n@api.post(\"/me/password\")",
    ),
    Fault(
        "a name in another case", "POST /signup", "unique case",
        "    if session().scalar(select(User).where(func.lower(User.email) == email)):\n        abort(409)\n    user = User(email=email,",
        "    if session().scalar(select(User).where(User.email == who[\"email\"])):\n        abort(409)\n    user = User(email=who[\"email\"],",
    ),
    Fault(
        "every origin by a header", "GET /me", "headers",
        "if origin in {\"https://depot.example\"}:", "if origin:",
    ),
    Fault(
        "a session for scripts", "POST /login", "headers",
        "login.token, httponly=True, samesite=\"Lax\"", "login.token, samesite=\"Lax\"",
    ),
    Fault(
        "a file under its own name", PICTURE, "uploads",
        "Path(os.environ[\"UPLOADS\"], f\"{item.id}.png\").write_bytes(content)",
        "Path(os.path.abspath(os.path.join(os.environ[\"UPLOADS\"], file.filename))).write_bytes(content)",
        "another folder",
    ),
    Fault(
        "the end of a name is believed", PICTURE, "uploads",
        "if content[:4] != b\"\\x89PNG\":", "if not file.filename.endswith(\".png\"):",
    ),
    Fault(
        "a session outlives a reset", "POST /me/reset", "ends",
        "    session().execute(delete(Login).where(Login.user_id == g.user.id))\n    session().commit()\n    return {\"reset\"",
        "    session().commit()\n    return {\"reset\"", "although POST /me/password ends it",
    ),
    Fault(
        "a twin: nothing ends a session", "POST /me/reset", "",
        "    session().execute(delete(Login).where(Login.user_id == g.user.id))\n    session().commit()\n    return {\"reset\"",
        "    session().commit()\n    return {\"reset\"",
        beside=(
            "    session().execute(delete(Login).where(Login.user_id == g.user.id))\n    session().commit()\n    return {\"changed\"",
            "    session().commit()\n    return {\"changed\"",
        ),
    ),
    Fault(
        "a twin: names are what they are", "POST /signup", "",
        "    email = str(who[\"email\"]).lower()\n    if session().scalar(select(User).where(func.lower(User.email) == email)):\n        abort(409)",
        "    email = str(who[\"email\"])\n    if session().scalar(select(User).where(User.email == email)):\n        abort(409)",
        beside=(
            "    email = str(who[\"email\"]).lower()\n    user = session().scalar(select(User).where(func.lower(User.email) == email))",
            "    user = session().scalar(select(User).where(User.email == who[\"email\"]))",
        ),
    ),
    Fault(
        "a twin: any kind of file", PICTURE, "",
        "    if content[:4] != b\"\\x89PNG\":\n        abort(415)\n", "",
    ),
    Fault(
        "a twin: the last part of a name", PICTURE, "",
        "Path(os.environ[\"UPLOADS\"], f\"{item.id}.png\").write_bytes(content)",
        "Path(os.environ[\"UPLOADS\"], Path(file.filename).name).write_bytes(content)",
    ),
    Fault(
        "a twin: any origin without credentials", "GET /me", "",
        "        response.headers[\"Access-Control-Allow-Credentials\"] = \"true\"\n", "",
        beside=("if origin in {\"https://depot.example\"}:", "if origin:"),
    ),
    Fault(
        "a twin: a refusal that is counted", CHANGE, "",
        "        needs(Role.EDITOR, Role.OWNER)\n        item = found(item_id)\n",
        "        session().add(Login(user_id=g.user.id))\n        session().commit()\n"
        "        needs(Role.EDITOR, Role.OWNER)\n        item = found(item_id)\n",
    ),
]  # fmt: skip
