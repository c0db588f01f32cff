"""Faults in the forum: what was hidden, what is joined by a table, keys that are sent twice."""

from __future__ import annotations

from tests.engine.walk.route_faults.fault import Fault

RECIPES, MENUS = "GET /recipes", "POST /menus"
BY_NAME = "        statement = statement.where(Recipe.tags.any(Tag.name == tag))\n"

FAULTS = [
    Fault(
        "hidden comments are counted in a list of posts",
        "GET /posts",
        "lists",
        ".where(Comment.post_id == Post.id, Comment.is_hidden.is_(False))",
        ".where(Comment.post_id == Post.id)",
        evidence="whose is_hidden is True, which GET /",
    ),
    Fault(
        "a post has the comments that were hidden",
        "GET /posts/{post_id}",
        "lists",
        "[it for it in found.comments if not it.is_hidden]",
        "found.comments",
        evidence="whose is_hidden is True, which GET /",
    ),
    Fault(
        "the total counts comments that were hidden",
        "GET /posts/{post_id}/comments",
        "lists",
        '"total": len(found)}',
        '"total": len([*db.scalars(select(Comment))])}',
        evidence="its total counts a row of comments whose is_hidden is True",
    ),
    Fault(
        "the list of a post has comments that were hidden",
        "GET /posts/{post_id}/comments",
        "lists",
        "seen().where(Comment.post_id",
        "select(Comment).where(Comment.post_id",
        evidence="whose is_hidden is True, which GET /comments",
    ),
    Fault(
        "hidden comments are shown with that word",
        "GET /comments",
        "",
        "said(one) for one in db.scalars(seen().order_by(Comment.id.desc())",
        '{**said(one), "is_hidden": one.is_hidden} for one in db.scalars(select(Comment).order_by(Comment.id.desc())',
    ),
    Fault(
        "what was hidden is shown without its words",
        "GET /comments",
        "",
        "said(one) for one in db.scalars(seen().order_by(Comment.id.desc())",
        '{"id": one.id, "words": "" if one.is_hidden else one.words} for one in db.scalars(select(Comment).order_by(Comment.id.desc())',
    ),
    Fault(
        "a tag limits nothing",
        RECIPES,
        "lists",
        BY_NAME,
        "        pass\n",
        evidence="that recipe_tags does not join to it",
    ),
    Fault(
        "any tag will do",
        RECIPES,
        "lists",
        "Recipe.tags.any(Tag.name == tag)",
        "select(Tag.id).where(Tag.name == tag).exists()",
        evidence="that recipe_tags does not join to it",
    ),
    Fault(
        "by a tag recipes of everybody",
        RECIPES,
        "tenancy",
        BY_NAME,
        "        statement = select(Recipe).where(Recipe.tags.any(Tag.name == tag))\n",
        evidence="with tag=",
    ),
    Fault(
        "by the number of a tag recipes of everybody",
        RECIPES,
        "tenancy",
        "statement = statement.where(Recipe.tags.any(Tag.id == tag_id))",
        "statement = select(Recipe).where(Recipe.tags.any(Tag.id == tag_id))",
        evidence="with tag_id=",
    ),
    Fault(
        "a tag whose name is part of it",
        RECIPES,
        "",
        "Recipe.tags.any(Tag.name == tag)",
        "Recipe.tags.any(Tag.name.contains(tag))",
    ),
    Fault(
        "a course of somebody's recipe",
        MENUS,
        "tenancy",
        "        if db.scalar(own(user).where(Recipe.id == one.recipe_id)) is None:",
        "        if db.get(Recipe, one.recipe_id) is None:",
        evidence="when 'courses.0.recipe_id' was that of a stranger's row of recipes",
    ),
    Fault(
        "recipes of somebody",
        MENUS,
        "tenancy",
        "        if db.scalar(own(user).where(Recipe.id == number)) is None:",
        "        if db.get(Recipe, number) is None:",
        evidence="when 'recipe_ids.0' was that of a stranger's row of recipes",
    ),
    Fault(
        "a key of anybody's payment",
        "POST /payments",
        "tenancy",
        "db.scalar(same.where(Payment.payer_id == user.id))",
        "db.scalar(same)",
        evidence="is answered what the owner was",
    ),
    Fault(
        "a key of somebody else's is refused",
        "POST /payments",
        "",
        "        if known is not None:\n            return {",
        "        if known is None and db.scalar(same) is not None:\n            raise HTTPException(409)\n        if known is not None:\n            return {",
    ),
]
