"""The arithmetic of pages."""

import pytest
from pydantic import ValidationError

from app.pagination import Page, PageQuery


@pytest.mark.parametrize(
    ("total", "size", "pages"), [(0, 20, 0), (1, 20, 1), (20, 20, 1), (21, 20, 2)]
)
def test_the_last_page_may_be_partly_filled(total, size, pages):
    assert Page(items=[], total=total, page=1, size=size).pages == pages


@pytest.mark.parametrize(("page", "size", "offset"), [(1, 20, 0), (5, 3, 12)])
def test_a_page_starts_where_the_one_before_ends(page, size, offset):
    assert PageQuery(page=page, size=size).offset == offset


@pytest.mark.parametrize(("field", "value"), [("page", 0), ("size", 101)])
def test_pages_out_of_bounds_are_refused(field, value):
    with pytest.raises(ValidationError) as refusal:
        PageQuery(**{field: value})

    assert [error["loc"] for error in refusal.value.errors()] == [(field,)]
