"""The requests that are granted in the shed."""

from __future__ import annotations

from test_harness.walk.recipe import Recipe, Symbol

BOX = {"box_id": Symbol("row", "boxes.id")}
THING = {"thing_id": Symbol("row", "things.id")}
PUBLIC = {"things": {"is_public": True}}
RECIPES = {
    "POST /signup": Recipe(json={"email": "walk9000@example.com", "password": "a long one"}),
    "GET /me": Recipe("owner"),
    "GET /boxes/{box_id}": Recipe("owner", path=BOX),
    "GET /boxes/{box_id}/things/{thing_id}": Recipe("owner", path={**BOX, **THING}),
    "GET /things": Recipe("owner"),
    "GET /things/count": Recipe("owner"),
    "GET /things/trash": Recipe("owner"),
    "GET /things/{thing_id}": Recipe("owner", path=THING),
    "PATCH /things/{thing_id}": Recipe(
        "owner", path=THING, json={"name": "a lamp", "box_id": Symbol("row", "boxes.id")}
    ),
    "DELETE /things/{thing_id}": Recipe("owner", path=THING),
    "POST /things/{thing_id}/restore": Recipe("owner", path=THING),
    "POST /things/{thing_id}/finish": Recipe("owner", path=THING),
    "POST /things/close": Recipe("owner", json={"ids": [Symbol("row", "things.id")]}),
    "GET /things/{thing_id}/parts": Recipe("owner", path=THING),
    "POST /things/{thing_id}/parts": Recipe("owner", path=THING, json={"title": "a leg"}),
    "GET /things/{thing_id}/page": Recipe("owner", path=THING),
    "GET /users": Recipe("admin"),
    "GET /shared/{thing_id}": Recipe("owner", path=THING),
    "PATCH /shared/{thing_id}": Recipe("owner", path=THING, json={"title": "a lamp"}),
    "GET /open": Recipe("owner", rows=PUBLIC),
    "GET /open/{thing_id}": Recipe("owner", path=THING, rows=PUBLIC),
    "GET /tickets/{token}": Recipe("owner", path={"token": Symbol("row", "tickets.token")}),
    "GET /stats": Recipe("owner"),
    "GET /go": Recipe("owner", status=303),
    "PATCH /me": Recipe("owner", json={"email": "walk9000@example.com"}),
}
