"""Faults in the shed, where everything is one user's."""

from __future__ import annotations

from tests.engine.walk.route_faults.fault import Fault

THINGS, PATCH = "GET /things", "PATCH /things/{thing_id}"
CLOSE, PARTS = "POST /things/close", "GET /things/{thing_id}/parts"
OWN = "self.db.scalars(self.own().where(Thing.id.in_(ids)))"

LIMIT = """def limit(key: str) -> None:
    known[key] = known.get(key, 0) + 1
    if key and known[key] > 8:
        raise HTTPException(429)


@app.post("/signup", status_code=201)
def signup(db: Db, request: Request, who: Signup)"""

FAULTS = [
    Fault(
        "things of everybody", THINGS, "tenancy",
        "select(Thing).join(Thing.box).where(Box.owner_id == self.user.id)",
        "select(Thing).join(Thing.box)",
    ),
    Fault(
        "a parameter says whose", THINGS, "tenancy",
        "statement = statement.where(Box.owner_id == owner_id)",
        "statement = select(Thing).join(Thing.box).where(Box.owner_id == owner_id)",
    ),
    Fault(
        "things of everybody are counted", "GET /things/count", "tenancy",
        "select(func.count()).select_from(own.own().subquery())) or 0}",
        "select(func.count()).select_from(Thing).where(Thing.deleted_at.is_(None))) or 0}",
    ),
    Fault(
        "a thing of somebody else in a box", "GET /boxes/{box_id}/things/{thing_id}", "tenancy",
        "own.own().where(Thing.id == thing_id, Thing.box_id == box_id)",
        "select(Thing).where(Thing.id == thing_id)",
    ),
    Fault(
        "anybody's thing, into a box of one's own", PATCH, "tenancy",
        "        thing = self.one(thing_id)\n        if changing",
        "        thing = self.db.get(Thing, thing_id)\n        if changing",
    ),
    Fault(
        "into anybody's box", PATCH, "tenancy",
        "thing.box_id = self.box(changing.box_id).id", "thing.box_id = changing.box_id",
    ),
    Fault("anybody's things are closed", CLOSE, "tenancy", OWN, "self.db.scalars(select(Thing).where(Thing.id.in_(ids)))"),
    Fault(
        "all things are closed", CLOSE, "tenancy",
        "        for thing in found:\n", "        for thing in self.db.scalars(select(Thing)):\n",
    ),
    Fault(
        "some are closed before one is not there", CLOSE, "untouched",
        "        if len(found) != len(set(ids)):\n            raise HTTPException(404, \"Some are not there.\")\n",
        "",
        beside=(
            "        self.db.commit()\n        return len(found)\n",
            "        self.db.commit()\n        if len(found) != len(set(ids)):\n"
            "            raise HTTPException(404, \"Some are not there.\")\n        return len(found)\n",
        ),
    ),
    Fault(
        "written before it is said that it was done", "POST /things/{thing_id}/finish", "untouched",
        "    if thing.status == \"finished\":\n", "    thing.words += \"!\"\n    own.db.commit()\n    if thing.status == \"finished\":\n",
    ),
    Fault(
        "the trash of everybody", "GET /things/trash", "tenancy",
        "own.every().where(Thing.deleted_at.is_not(None))", "select(Thing).where(Thing.deleted_at.is_not(None))",
    ),
    Fault(
        "anybody brings it back", "POST /things/{thing_id}/restore", "tenancy",
        "own.db.scalar(own.every().where(Thing.id == thing_id))", "own.db.get(Thing, thing_id)",
    ),
    Fault(
        "what was deleted is counted", "GET /things/count", "lists",
        "func.count()).select_from(own.own().subquery())) or 0}", "func.count()).select_from(own.every().subquery())) or 0}",
        "deleted_at",
    ),
    Fault(
        "parts of what was deleted", PARTS, "lists",
        "    thing = own.one(thing_id)\n    rows = own.db.scalars(select(Part)",
        "    thing = own.db.scalar(own.every().where(Thing.id == thing_id))\n"
        "    if thing is None:\n        raise HTTPException(404)\n    rows = own.db.scalars(select(Part)",
        "deleted_at",
    ),
    Fault(
        "a total of more than is searched", THINGS, "lists",
        "select(func.count()).select_from(statement.subquery())) or 0\n    rows", "select(func.count()).select_from(own.own().subquery())) or 0\n    rows",
        "total",
    ),
    Fault(
        "a row for each part", THINGS, "lists",
        "return self.every().where(Thing.deleted_at.is_(None))",
        "return self.every().outerjoin(Thing.parts).where(Thing.deleted_at.is_(None))", "3 times",
    ),
    Fault(
        "nothing is written where there has to be something", PATCH, "odd input",
        "        if changing.name is not None:\n            thing.name = changing.name\n",
        "        if \"name\" in changing.model_fields_set:\n            thing.name = changing.name\n", "null",
    ),
    Fault(
        "a part of nothing", "POST /things/{thing_id}/parts", "odd input",
        "Part(thing_id=own.one(thing_id).id, title=naming.title)", "Part(thing_id=thing_id, title=naming.title)",
        "parts.thing_id",
    ),
    Fault(
        "who signs up says what they may", "POST /signup", "mass assignment",
        "    email: str\n    password: str\n", "    email: str\n    password: str\n    is_admin: bool = False\n",
        "users.is_admin", takes=True,
        beside=("password=hash_password(who.password))", "password=hash_password(who.password), is_admin=who.is_admin)"),
    ),
    Fault(
        "a header says who asks", "GET /me", "identity",
        "    if user is None or not", "    user = db.get(User, int(x_user_id)) if x_user_id else user\n    if user is None or not",
        "X-User-Id",
        beside=("x_key: Annotated[str, Header()] = \"\")", "x_key: Annotated[str, Header()] = \"\", x_user_id: Annotated[str, Header()] = \"\")"),
    ),
    Fault(
        "a role that is kept", "GET /users", "ends",
        "    if user.role != \"admin\":", "    if known.setdefault(user.key, user.role) != \"admin\":", "changed",
    ),
    Fault(
        "who was deleted goes on", "GET /me", "ends",
        "not user.is_active or user.deleted_at is not None:", "not user.is_active:", "deleted_at",
    ),
    Fault(
        "words that stand in a page as they are", "GET /things/{thing_id}/page", "injection",
        "html.escape(thing.words)", "thing.words", "things.words",
    ),
    Fault(
        "a page that nobody has to log in for", "GET /things/{thing_id}/page", "access",
        "def page(own: Own, thing_id: int) -> str:\n    thing = own.one(thing_id)\n",
        "def page(db: Db, thing_id: int) -> str:\n    thing = db.get(Thing, thing_id)\n"
        "    if thing is None:\n        raise HTTPException(404)\n",
    ),
    Fault(
        "a limit of what a header says", "POST /signup", "limits",
        "    email = who.email.strip().lower()\n", "    limit(request.headers.get(\"X-Forwarded-For\", \"\").partition(\",\")[0])\n"
        "    email = who.email.strip().lower()\n", "198.51.100.2",
        beside=("@app.post(\"/signup\", status_code=201)\ndef signup(db: Db, who: Signup)", LIMIT), takes=True,
    ),
    Fault(
        "a twin: a limit of what a proxy says", "POST /signup", "",
        "    email = who.email.strip().lower()\n", "    limit(request.headers.get(\"X-Forwarded-For\", \"\").rpartition(\",\")[2])\n"
        "    email = who.email.strip().lower()\n",
        beside=("@app.post(\"/signup\", status_code=201)\ndef signup(db: Db, who: Signup)", LIMIT), takes=True,
    ),
    Fault(
        "shared with anybody", "GET /shared/{thing_id}", "tenancy",
        "Share.user_id == own.user.id, ~func", "~func", "shared with somebody else",
    ),
    Fault(
        "who may read it writes it", "PATCH /shared/{thing_id}", "tenancy",
        "shared = shared.where(Share.can_edit)", "pass", "to be read only",
    ),
    Fault(
        "shared for ever", "GET /shared/{thing_id}", "tenancy",
        "~func.coalesce(is_over, False)", "Share.id > 0", "until yesterday",
    ),
    Fault(
        "what is not public in the list of what is", "GET /open", "lists",
        "where(Thing.is_public, Thing.deleted_at", "where(Thing.deleted_at", "is_public is False",
    ),
    Fault(
        "what is not public by its number", "GET /open/{thing_id}", "lists",
        "Thing.id == thing_id, Thing.is_public", "Thing.id == thing_id", "is_public is False",
    ),
    Fault(
        "deleted, and open to all", "GET /open", "lists",
        "where(Thing.is_public, Thing.deleted_at.is_(None))", "where(Thing.is_public)", "deleted_at",
    ),
    Fault(
        "a ticket that never ends", "GET /tickets/{token}", "ends",
        "Ticket.token == token, Ticket.expires_at > now", "Ticket.token == token", "ended yesterday",
    ),
    Fault(
        "the numbers of who asked first", "GET /stats", "identity",
        'key = ("stats", own.user.id)', 'key = "stats"', "boxes.owner_id",
    ),
    Fault(
        "sent to wherever a parameter says", "GET /go", "injection",
        "next if is_here else", "next if next else", "elsewhere.example",
    ),
    Fault(
        "sent to where two slashes lead", "GET /go", "injection",
        ' and next[1:2] not in {"/", "\\\\"}', "", "elsewhere.example",
    ),
    Fault(
        "a least size that is the largest", THINGS, "lists",
        "Thing.size >= min_size", "Thing.size <= min_size", "min_size=72",
    ),
    Fault(
        "a least size that is left out", THINGS, "lists",
        "Thing.size >= min_size", "Thing.size > min_size", "just that size",
    ),
    Fault(
        "one order for both directions", THINGS, "lists",
        'Thing.name.desc() if sort == "-name" else Thing.name', "Thing.name", "the same order",
    ),
    Fault(
        "the other way round", THINGS, "lists",
        'if sort == "-name" else', 'if sort == "name" else', "the other way round",
    ),
    Fault(
        "a word that is not looked for", THINGS, "lists",
        "statement = statement.where(Thing.name.contains(q, autoescape=True))", "pass", "q=wk7qzx",
    ),
    Fault(
        "what was not sent is nothing", PATCH, "partial",
        "        if changing.words is not None:\n            thing.words = changing.words\n",
        '        thing.words = changing.words or ""\n', "words",
    ),
    Fault(
        "a name that somebody has is a 500", "PATCH /me", "odd input",
        "    if db.scalar(select(User).where(User.email == changing.email, User.id != user.id)):\n"
        '        raise HTTPException(409, "Somebody has it.")\n', "", "'email'",
    ),
    Fault(
        "a role that one gives oneself", "PATCH /me", "mass assignment",
        '    """What is sent of who asks."""\n\n    email: str\n',
        '    """What is sent of who asks."""\n\n    email: str\n    role: str = "member"\n',
        "users.role", takes=True,
        beside=("    user.email = changing.email\n", "    user.email, user.role = changing.email, changing.role\n"),
    ),
    Fault(
        "a twin: what is done is done", "POST /things/{thing_id}/finish", "",
        "        raise HTTPException(409, \"It is finished.\")\n", "        return {\"status\": thing.status}\n",
    ),
]  # fmt: skip
