"""TH6. Each line that ends in a code is reported with it, and no other line with any."""

import sys
import unittest

import pytest


later = pytest.mark.xfail
never = pytest.mark.skip()  # TH601
not_here = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")


@later  # TH602
def test_by_a_name_of_its_own(client):
    assert client.get("/users").json() == []


@later(reason="the route is to come")
def test_by_a_name_with_a_reason(client):
    assert client.get("/users").json() == []


@not_here
@never
async def test_by_names_that_say_it_or_not(client):
    assert (await client.get("/users")).json() == []


@pytest.mark.skip  # TH601
def test_skipped(client):
    assert client.get("/users").json() == []


@pytest.mark.skip()  # TH601
async def test_skipped_without_a_word(client):
    assert (await client.get("/users")).json() == []


@pytest.mark.skipif(sys.platform == "win32", reason="")  # TH601
def test_skipped_with_an_empty_reason(client):
    assert client.get("/users").json() == []


class TestMarks:
    def test_skips_itself(self, client):
        if not client.is_there():
            pytest.skip()  # TH601
        assert client.get("/users").json() == []

    @pytest.mark.xfail  # TH602
    def test_may_fail(self, client):
        assert client.get("/users").json() == []

    @pytest.mark.xfail(strict=True)  # TH602
    async def test_has_to_fail(self, client):
        assert (await client.get("/users")).json() == []


def test_gives_up(client):
    if not client.is_there():
        pytest.xfail("")  # TH602
    assert client.get("/users").json() == []


@unittest.skip  # TH601
def test_skipped_by_unittest(client):
    assert client.get("/users").json() == []


@pytest.mark.parametrize(
    "number",
    [
        1,
        pytest.param(2, marks=pytest.mark.skip),  # TH601
        pytest.param(3, marks=[pytest.mark.xfail(strict=True)]),  # TH602
        pytest.param(4, marks=pytest.mark.xfail(reason="#12: rounding")),
    ],
)
def test_some_of_its_cases(client, number):
    assert client.get("/users").json() == number


class ByUnittest(unittest.TestCase):
    @unittest.expectedFailure  # TH602
    def test_fails(self):
        self.assertEqual(int("1"), 2)

    # 12: rounding
    @unittest.expectedFailure
    def test_fails_for_a_reason(self):
        self.assertEqual(int("1"), 2)


class TestAllOfThem:
    pytestmark = pytest.mark.skip  # TH601

    def test_users(self, client):
        assert client.get("/users").json() == []


@pytest.mark.skip(reason="the provider is down until June")
def test_skipped_for_a_reason(client):
    assert client.get("/users").json() == []


@pytest.mark.skip("the provider is down until June")
def test_skipped_for_a_reason_in_short(client):
    assert client.get("/users").json() == []


@pytest.mark.xfail(reason="#12: rounding", strict=True)
def test_fails_for_a_reason(client):
    assert client.get("/total").json() == 3


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_skipped_somewhere(client):
    pytest.importorskip("resource")
    assert client.get("/users").json() == []
