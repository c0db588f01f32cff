"""TH1. Each line that ends in a code is reported with it, and no other line with any."""

import asyncio
import http
import warnings
from http import HTTPStatus
from unittest import TestCase, mock
from unittest.mock import ANY, AsyncMock, MagicMock, Mock, patch

import pytest
from fastapi import status
from hypothesis import given, strategies


TAKEN = frozenset({200, 404})


# TH101: nothing is asserted.


def test_calls_and_looks_at_nothing(client):  # TH101
    client.get("/users")


async def test_awaits_and_looks_at_nothing(client):  # TH101
    response = await client.get("/users")
    print(response.json())


def test_compares_without_asserting(client):  # TH101
    response = client.get("/users")
    response.status_code == 200  # B015


class TestNothing:
    def test_passes(self):  # TH101
        pass

    async def test_awaits(self, service):  # TH101
        await service.run()

    def helper_that_looks_at_nothing(self, client):
        client.get("/users")

    def test_calls_a_helper_that_asserts_nothing(self, client):  # TH101
        self.helper_that_looks_at_nothing(client)


class NothingByUnittest(TestCase):
    def test_calls(self):  # TH101
        str(1)


def test_asks_for_a_fixture_that_asserts_nothing(made):  # TH101
    made.run()


@pytest.fixture
def made():
    return Mock()


def test_with_an_assertion(client):
    assert client.get("/users").json() == []


def test_raises(client):
    with pytest.raises(ValueError, match="no user"):
        client.get("/users")


def test_ends_at_a_helper(client):
    _look_at(client)


def _look_at(client):
    assert client.get("/users").json() == []


class Page:
    def __init__(self, client):
        self.client = client

    def is_open(self):
        assert self.client.get("/").text


def test_by_an_object(client):
    page = Page(client)
    page.is_open()


def test_by_a_mock(service):
    sender = Mock()
    service.run(sender)
    sender.send.assert_called_once_with("hello")


def test_by_a_fixture_that_asserts(checked):
    checked.run()


@pytest.fixture
def checked():
    service = Mock()
    yield service
    assert service.run.called


def test_by_a_function_of_a_fixture(look):
    look("/users")


@pytest.fixture
def look(client):
    def look_at(path):
        assert client.get(path).json()

    return look_at


@given(strategies.integers())
def test_by_hypothesis(number):
    abs(number)


def test_with_what_was_kept(data_regression, client):
    data_regression.check(client.get("/users").json())


async def test_handed_to_what_calls_it(session):
    await session.run_sync(assert_saved, "Ada")


def assert_saved(session, name):
    assert session.get(name)


def test_it_opens(client):
    with client.websocket_connect("/ws"):
        pass


async def test_by_a_function_of_a_plugin(look_closely):
    await look_closely("/users")


def test_fails_by_hand(client):
    if client.get("/users").json():
        pytest.fail("there are users")


@pytest.mark.skip(reason="waits for the new client")
def test_that_never_runs(client):
    client.get("/users")


def test_sending_does_not_raise(service):
    service.send("hello")


class ByUnittest(TestCase):
    def test_equal(self):
        self.assertEqual(int("1"), 1)


@pytest.fixture
def page(client):
    return Page(client)


def test_by_an_object_of_a_fixture(page):
    page.is_open()


def test_by_an_object_of_a_type(opened: Page):
    opened.is_open()


def test_each_warning_is_an_error(service):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        service.run()


def test_it_can_be_imported():
    """It needs no connection for that."""
    import app.mail


def test_nobody_is_there_to_stop(service):
    # Should not raise.
    service.stop()


def test_its_helper_is_never_called(client):  # TH101
    def look(response):
        assert response.json() == []

    client.get("/users")


async def test_waits_for_what_has_to_come(service):
    await asyncio.wait_for(service.done.wait(), 1)


# TH102: several statuses pass.


def test_either_status(client):
    response = client.get("/users/1")
    assert response.status_code in [200, 404]  # TH102


async def test_either_status_in_a_tuple(client):
    response = await client.get("/users/1")
    assert response.status_code in (status.HTTP_200_OK, status.HTTP_404_NOT_FOUND)  # TH102
    assert response.json()


class TestStatuses:
    def test_either_by_or(self, client):
        response = client.get("/users/1")
        assert response.status_code == 200 or response.status_code == 404  # TH102

    async def test_any_error(self, client):
        response = await client.get("/users/1")
        assert response.status_code >= 400  # TH102

    def test_anything_but(self, client):
        response = client.get("/users/1")
        assert response.status_code != 500  # TH102

    def test_any_success(self, client):
        response = client.get("/users/1")
        assert 200 <= response.status_code < 300  # TH102

    def test_a_range(self, client):
        response = client.get("/users/1")
        assert response.status_code in range(200, 300)  # TH102

    def test_by_a_name(self, client):
        answer = client.get("/users/1")
        code = answer.status_code
        assert code in {HTTPStatus.OK, HTTPStatus.NO_CONTENT}  # TH102


class StatusesByUnittest(TestCase):
    def test_either(self):
        self.assertIn(self.client.get("/").status_code, (200, 302))  # TH102


def test_any_of_them(client):
    response = client.get("/users/1")
    assert any(response.status_code == one for one in (200, 404))  # TH102


async def test_a_status_or_something_else(client):
    response = await client.get("/users/1")
    assert response.status_code == 200 or "error" in response.json()  # TH102


async def test_neither_of_two(client):
    response = await client.get("/users/1")
    assert response.status_code not in (500, 502)  # TH102


def test_any_of_a_hundred(client):
    response = client.get("/users/1")
    assert response.status_code // 100 == 2  # TH102


def test_any_that_begins_with_it(client):
    response = client.get("/users/1")
    assert str(response.status_code).startswith("2")  # TH102


def test_some_redirect(client):
    response = client.get("/users/1")
    assert response.status_code in (301, 308)
    assert response.headers["location"] == "/users/1/"


ALLOWED = (200, 204)


def test_either_of_a_constant(client):
    assert client.delete("/users/1").status_code in ALLOWED  # TH102


@pytest.mark.parametrize(("who", "expected"), [("owner", 200), ("guest", 403)])
def test_one_status_for_each_case(client, who, expected):
    assert client.get("/users/1", headers={"X-User": who}).status_code == expected


def test_a_state_is_no_status_of_http(order):
    assert order.status in ("paid", "sent")


def test_a_number_is_no_status_of_http(order):
    assert order.total >= 200


def test_another_status_of_http(worker):
    assert worker.exit_code in (1, 2)


# TH103: the status, and nothing else.


def test_only_the_status(client):
    response = client.get("/users")
    assert response.status_code == 200  # TH103


async def test_only_the_status_of_an_error(client):
    response = await client.get("/users/0")
    assert response.status_code == HTTPStatus.NOT_FOUND, response.text  # TH103


class TestOnlyTheStatus:
    def test_created(self, client):
        created = client.post("/users", json={"name": "Ada"})
        assert created.status_code == status.HTTP_201_CREATED  # TH103

    async def test_at_the_end(self, client):
        first = await client.post("/users", json={"name": "Ada"})
        assert first.status_code == 201
        second = await client.post("/users", json={"name": "Bob"})
        assert second.status_code == 201  # TH103


def test_only_that_it_is_a_success(client):
    response = client.get("/users")
    assert response.is_success  # TH103


async def test_only_that_it_is_no_error(client):
    (await client.get("/users")).raise_for_status()  # TH103


def test_only_the_line_of_the_status(client):
    answer = client.get("/users")
    assert answer.status == "200 OK"  # TH103


def test_a_result_is_no_answer(service):
    result = service.run()
    assert result.ok


class OnlyTheStatusByUnittest(TestCase):
    def test_status(self):
        self.assertEqual(self.client.get("/").status_code, 200)  # TH103


def test_the_status_and_the_body(client):
    response = client.get("/users")
    assert response.status_code == 200
    assert response.json() == []


def test_there_is_no_body(client):
    assert client.delete("/users/1").status_code == 204


def test_nobody_is_logged_in(client):
    assert client.get("/users").status_code == 401


def test_it_is_gone_afterwards(client):
    assert client.delete("/users/1").status_code == 200
    assert client.get("/users/1").status_code == 404


async def test_it_is_gone(client):
    await client.delete("/users/1")
    assert (await client.get("/users/1")).status_code == 404


def test_nobody_deletes_what_is_not_there(client):
    assert client.delete("/users/1").status_code == 404  # TH103


def test_only_the_head(client):
    assert client.head("/users").status_code == 200


def test_what_the_request_changed(client, users):
    assert client.post("/users", json={"name": "Ada"}).status_code == 201
    assert users.names() == ["Ada"]


# TH104: assertions that cannot fail.


def test_a_tuple(total):
    assert (total == 3, "the total is wrong")  # TH104


def test_a_generator(items):
    assert (item.is_paid for item in items)  # TH104


async def test_or_true(service):
    assert await service.is_ready() or True  # TH104


class TestHopeless:
    def test_true(self):
        assert True  # TH104

    async def test_a_text(self, service):
        await service.run()
        assert "the service ran"  # TH104

    def test_itself(self, user):
        assert user.name == user.name  # TH104

    def test_constants(self):
        assert 1 == 1  # TH104

    def test_never_fewer_than_none(self, items):
        assert len(items) >= 0  # TH104

    def test_never_fewer_than_none_the_other_way(self, items):
        assert 0 <= len(items)  # TH104

    async def test_more_than_less_than_none(self, session):
        assert len(await session.all()) > -1  # TH104

    def test_everything_is_an_object(self, user):
        assert isinstance(user, object)  # TH104

    def test_made_as_it_is(self, session):
        service = UserService(session)
        assert isinstance(service, UserService)  # TH104

    def test_just_made(self, session):
        service = UserService(session)
        assert service is not None  # TH104

    async def test_always_an_answer(self, client):
        response = await client.get("/users")
        assert response is not None  # TH104

    def test_a_bare_mock(self, service):
        sender = Mock()
        service.run(sender)
        assert sender  # TH104

    def test_a_bare_mock_that_was_patched(self, service):
        with patch("app.mail.send") as send:
            service.run()
        assert send  # TH104

    @patch("app.mail.send")
    async def test_a_bare_mock_that_is_handed_over(self, mock_send, service):
        await service.run()
        assert mock_send  # TH104

    def test_misspelt_on_a_mock(self, service):
        sender = AsyncMock()
        service.run(sender)
        assert sender.send.called_once_with("hello")  # TH104, PGH005

    def test_misspelt_on_what_was_patched(self, service):
        with patch("app.mail.send") as send:
            service.run()
        assert send.not_called  # TH104, PGH005

    def test_a_function_that_is_not_called(self):
        assert is_even  # TH104

    def test_a_method_that_is_not_called(self, user):
        assert user.name.startswith  # TH104

    def test_a_list(self, total):
        assert [total]  # TH104


    def test_a_text_with_a_value(self, total):
        assert f"{total} is 3"  # TH104

    def test_one_branch_is_true(self, client):
        response = client.get("/users")
        assert response.json() == [] if response.is_success else True  # TH104

    def test_a_list_is_a_list(self, service):
        found = list(service.all())
        assert isinstance(found, list)  # TH104

    def test_a_text_is_not_none(self, service):
        shown = str(service)
        assert shown is not None  # TH104

    async def test_a_coroutine(self):
        assert is_ready()  # TH104

    async def test_a_method_of_an_answer(self, client):
        response = await client.get("/users")
        assert response.json  # TH104

    def test_an_assertion_that_is_not_called(self, service):
        sender = Mock()
        service.run(sender)
        assert sender.send.assert_called_once  # TH104

    def test_what_a_mock_answers(self):
        sender = MagicMock()
        assert sender.send("hello")  # TH104

    async def test_what_a_mock_answers_later(self):
        sender = AsyncMock()
        answer = await sender.send("hello")
        assert answer.is_sent  # TH104

    def test_a_part_of_a_mock(self):
        user = Mock(name="Ada")
        assert user.id is not None  # TH104

    def test_what_a_mock_was_told(self):
        users = Mock()
        users.find.return_value = 3
        assert users.find("Ada") == 3  # TH104

    async def test_a_mock_that_only_the_test_calls(self):
        sender = AsyncMock()
        await sender.send("hello")
        sender.send.assert_awaited_once_with("hello")  # TH104


    def test_one_or_the_other(self, client):
        users = client.get("/users").json()
        assert users or not users  # TH104

    def test_some_or_none(self, items):
        assert len(items) > 0 or len(items) == 0  # TH104

    def test_a_list_that_was_written(self, client):
        names = [user["name"] for user in client.get("/users").json()]
        assert isinstance(names, list)  # TH104

    async def test_an_answer(self, client):
        response = await client.get("/users")
        assert response  # TH104

    def test_a_text_in_a_text(self):
        assert "Ada" in "Ada and Bob"  # TH104

    @patch("app.mail.send")
    def test_a_mock_of_another_name(self, send, service):
        service.run()
        assert send  # TH104

    async def test_a_helper_that_nobody_awaits(self, session):
        assert_is_saved(session)  # TH104


async def assert_is_saved(session):
    assert await session.get("Ada")


class HopelessByUnittest(TestCase):
    def test_true(self):
        self.assertTrue(True)  # TH104

    def test_not_none(self):
        self.assertIsNotNone(UserService(None))  # TH104


    def test_compares_nothing(self):
        self.assertTrue(int("3"), 4)  # TH104

    def test_has_a_message(self):
        self.assertTrue(int("3"), "it is nothing")


async def is_ready():
    return False


def test_a_mock_that_the_service_calls(service):
    sender = Mock()
    sender.send.return_value = 3
    assert service.run(sender) == 3
    sender.send.assert_called_once_with("hello")


def test_a_mock_that_the_service_changes(service):
    user = Mock()
    service.activate(user)
    assert user.is_active


def test_a_mock_that_a_closure_calls(service):
    seen = Mock()
    service.listen(lambda event: seen(event))
    seen.assert_called_once_with("started")


def test_a_mock_that_was_told_something():
    user = Mock(is_active=False)
    user.is_admin = False
    assert user.is_active or user.is_admin


async def test_a_coroutine_that_is_awaited():
    assert await is_ready()


def test_not_none_and_more(service):
    found = list(service.all())
    assert found is not None and len(found) == 3


class UserService:
    def __init__(self, session):
        self.session = session


def is_even(number):
    return number % 2 == 0


def test_all_of_a_list(items):
    assert len(items) >= 1
    assert all(item.is_paid for item in items)


def test_equality_of_itself(user):
    assert user == user


def test_at_least_one(items):
    assert len(items) > 0


def test_a_mock_that_was_called(service):
    sender = Mock()
    service.run(sender)
    assert sender.send.called


def test_what_a_function_says():
    assert is_even(2)


def test_it_may_be_none(users):
    assert users.find("Ada") is not None


def test_a_phrase():
    assert http.HTTPStatus(404).phrase == "Not Found"


def in_a_loop(function):
    return lambda: asyncio.run(function())


def test_a_coroutine_that_a_decorator_runs(service):
    seen = []

    @in_a_loop
    async def ask():
        seen.append(await service.run())

    ask()
    assert seen == ["done"]


def test_equals_anything(service):
    assert service.run() == ANY  # TH104


async def test_equals_anything_in_an_order(service):
    assert await service.run() == mock.ANY  # TH104


def test_equals_anything_in_one_field(service):
    assert service.run() == {"id": ANY, "name": "Ada"}


# The same in other words.


def test_a_set_of_the_module(client):
    response = client.get("/users/1")
    assert response.status_code in TAKEN  # TH102


async def test_a_list_that_is_made(client):
    response = await client.get("/users/1")
    assert response.status_code in list((200, 404))  # TH102


class TestTurned:
    def test_not_in(self, client):
        response = client.get("/users/1")
        assert not response.status_code in (500, 502)  # TH102

    async def test_not_one(self, client):
        response = await client.get("/users/1")
        assert response.json() == [] and not response.status_code == 500  # TH102

    def test_not_another(self, client):
        response = client.get("/users/1")
        assert not response.status_code != 404
        assert response.json() == {}


class TurnedByUnittest(TestCase):
    def test_false(self):
        response = self.client.get("/users/1")
        self.assertFalse(response.status_code in (500, 502))  # TH102


def test_iterators(service):
    assert filter(None, service.names())  # TH104
    found = map(str, service.names())
    assert found  # TH104
    assert list(map(str, service.names())) == []


def test_what_is_called_as_an_iterator(filter):
    assert filter("name")
    zip = filter("zip")
    assert zip("name")
