"""The requests that are granted in the forum."""

from __future__ import annotations

from test_harness.walk.recipe import Recipe, Symbol

POST = {"post_id": Symbol("row", "posts.id")}
RECIPE = {"recipe_id": Symbol("row", "recipes.id")}
RECIPES = {
    "GET /posts": Recipe("owner"),
    "GET /posts/{post_id}": Recipe("owner", path=POST),
    "GET /posts/{post_id}/comments": Recipe("owner", path=POST),
    "GET /comments": Recipe("owner"),
    "GET /users/{user_id}/comments": Recipe("owner", path={"user_id": Symbol("row", "users.id")}),
    "GET /moderation/comments": Recipe("owner"),
    "GET /recipes": Recipe("owner"),
    "GET /recipes/{recipe_id}": Recipe("owner", path=RECIPE),
    "POST /menus": Recipe("owner", json={"name": "a feast"}),
    "POST /payments": Recipe("owner", json={"amount": 3}),
    "GET /payments/{payment_id}": Recipe(
        "owner", path={"payment_id": Symbol("row", "payments.id")}
    ),
}
