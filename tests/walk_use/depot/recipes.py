"""The requests that are granted in the depot."""

from __future__ import annotations

from test_harness.application.passwords import PASSWORD
from test_harness.walk.recipe import Recipe, Symbol

ITEM = {"item_id": Symbol("row", "items.id")}
TEAM = {"team_id": Symbol("row", "teams.id")}
RECIPES = {
    "POST /login": Recipe(json={"email": Symbol("row", "users.email"), "password": PASSWORD}),
    "POST /signup": Recipe(json={"email": "walk9000@example.com", "password": "a long one"}),
    "GET /me": Recipe("owner"),
    "POST /me/password": Recipe("owner", form={"password": "another one"}),
    "POST /me/reset": Recipe("owner", form={"password": "another one"}),
    "GET /items": Recipe("owner"),
    "GET /items/count": Recipe("owner"),
    "GET /items/export": Recipe("owner"),
    "GET /items/{item_id}": Recipe("owner", path=ITEM),
    "POST /items": Recipe(
        "owner", json={"name": "a lamp", "shelf_id": Symbol("row", "shelves.id")}
    ),
    "PATCH /items/{item_id}": Recipe("owner", path=ITEM, json={"name": "a lamp"}),
    "DELETE /items/{item_id}": Recipe("owner", path=ITEM),
    "GET /items/{item_id}/notes": Recipe("owner", path=ITEM),
    "GET /teams/{team_id}/items/{item_id}": Recipe("owner", path={**TEAM, **ITEM}),
    "GET /members": Recipe("owner"),
    "PATCH /members/{user_id}": Recipe(
        "owner", path={"user_id": Symbol("user", "member.id")}, json={"role": "editor"}
    ),
    "GET /search": Recipe("owner", query={"q": "lamp"}),
    "GET /items/{item_id}/page": Recipe("owner", path=ITEM),
    "POST /items/{item_id}/picture": Recipe("owner", path=ITEM, files={"picture": "picture.png"}),
}
