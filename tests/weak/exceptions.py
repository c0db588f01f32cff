"""TH3. Each line that ends in a code is reported with it, and no other line with any."""

import contextlib
from unittest import TestCase

import pytest
from fastapi import HTTPException


# TH301: swallowed.


def test_a_failed_assertion_is_swallowed(client):
    try:
        assert client.get("/users").json() == []
    except Exception:  # TH301
        pass


async def test_an_error_is_only_printed(service):
    result = None
    try:
        result = await service.run()
    except ValueError as error:  # TH301
        print(error)
    assert result is None


class TestSwallowed:
    def test_bare(self, service):
        try:
            service.run()
            assert service.ran
        except:  # TH301
            pass

    async def test_suppressed(self, client):
        with contextlib.suppress(Exception):  # TH301
            response = await client.get("/users")
            assert response.json() == []


    def test_skipped(self, client):
        try:
            assert client.get("/users").json() == []
        except Exception as error:  # TH301
            pytest.skip(f"it is not there: {error}")

    def test_a_key_that_is_not_there(self, client):
        body = client.get("/users").json()
        try:
            assert body["name"] == "Ada"
        except KeyError:  # TH301
            pass

    async def test_left_out(self, service):
        with contextlib.suppress(ValueError):  # TH301
            await service.run()
            assert service.ran

    def test_returned_from_the_end(self, service):
        try:
            assert service.run() == 3
        finally:
            return  # B012


def test_skipped_without_a_server(service):
    try:
        service.connect()
    except ConnectionError:
        pytest.skip("there is no server")
    assert service.run() == 3


def test_expects_by_hand_at_the_end(service):
    try:
        service.run()
    except ValueError:
        pass
    else:
        raise RuntimeError("nothing was raised")


def test_tidies_up(service):
    assert service.run() == 3
    try:
        service.close()
    except OSError:
        pass


def test_tidies_up_at_the_end(service):
    try:
        assert service.run() == 3
    finally:
        try:
            service.forget()
        except OSError:
            pass


def test_expects_by_hand(service):
    try:
        service.run()
        pytest.fail("nothing was raised")
    except ValueError:
        pass


# TH302: a flag.


def test_a_flag(service):
    raised = False
    try:
        service.run()
    except ValueError:  # TH302
        raised = True
    assert raised


async def test_a_flag_of_success(service):
    try:
        await service.run()
        ok = True
    except Exception:  # TH302
        ok = False
    assert ok


class TestFlags:
    def test_a_flag(self, service):
        failed = False
        try:
            service.run()
        except (ValueError, TypeError) as error:  # TH302
            print(error)
            failed = True
        assert failed

    async def test_another(self, service):
        message = ""
        try:
            await service.run()
        except ValueError:  # TH302
            message = "raised"
        assert message == "raised"


    def test_counts(self, service):
        errors = 0
        try:
            service.run()
        except ValueError:  # TH302
            errors += 1
        assert errors == 1

    async def test_notes(self, service):
        errors = []
        try:
            await service.run()
        except ValueError:  # TH302
            errors.append(1)
        assert len(errors) == 1


def test_counts_several(service):
    refused = 0
    for _ in range(5):
        try:
            service.run()
        except ValueError:
            refused += 1
    assert refused == 3


def test_a_double_that_tells_two_things_apart(service):
    def write(data):
        try:
            int(data)
            is_number = True
        except ValueError:
            is_number = False
        return is_number

    assert service.run(write) == 3


def test_keeps_what_was_raised(service):
    caught = None
    try:
        service.run()
    except ValueError as error:
        caught = error
    assert str(caught) == "no user"


# TH303: asserted in except.


def test_asserted_in_except(service):
    try:
        service.run()
    except ValueError as error:
        assert "no user" in str(error)  # TH303


async def test_asserted_in_except_and_awaited(client):
    try:
        await client.get("/users")
    except HTTPException as error:
        assert error.status_code == 404  # TH303


class TestInExcept:
    def test_in_a_class(self, service):
        try:
            service.run()
        except Exception as error:
            assert isinstance(error, ValueError)  # TH303


    def test_and_nothing_else(self, service):
        try:
            service.run()
        except ValueError as error:
            assert str(error) == "no user"  # TH303
        else:
            pass


def test_fails_if_nothing_is_raised(service):
    try:
        service.run()
    except ValueError as error:
        assert "no user" in str(error)
    else:
        pytest.fail("nothing was raised")


# TH304: too wide.


def test_any_exception(service):
    with pytest.raises(Exception):  # TH304
        service.run()


async def test_any_status(service):
    with pytest.raises(HTTPException):  # TH304
        await service.run()


class TestWide:
    def test_one_of_several(self, service):
        with pytest.raises((ValueError, BaseException)):  # TH304
            service.run()

    async def test_not_looked_at(self, service):
        with pytest.raises(Exception) as raised:  # TH304
            await service.run()


    def test_by_a_function(self, service):
        pytest.raises(Exception, service.run)  # TH304


def test_an_assertion_of_the_application(service):
    with pytest.raises(AssertionError):
        service.run()


    async def test_whatever_it_says(self, service):
        with pytest.raises(Exception, match=".*"):  # TH304
            await service.run()

    def test_by_its_name(self, service):
        with pytest.raises(expected_exception=Exception):  # TH304
            service.run()


class WideByUnittest(TestCase):
    def test_any(self):
        with self.assertRaises(Exception):  # TH304
            int("a")


def test_what_it_says(service):
    with pytest.raises(Exception, match="no user"):
        service.run()


def test_looked_at(service):
    with pytest.raises(HTTPException) as raised:
        service.run()
    assert raised.value.status_code == 404


def test_the_one(service):
    with pytest.raises(KeyError):
        service.run()


# TH305: several statements.


def test_several_statements(service):
    with pytest.raises(ValueError, match="no user"):  # TH305
        service.prepare()
        service.run()


async def test_several_awaited(service):
    with pytest.raises(ValueError, match="no user"):  # TH305
        user = await service.find("Ada")
        await service.run(user)


class TestSeveral:
    def test_in_a_class(self, service):
        with pytest.raises(ValueError, match="no user"):  # TH305
            user = service.find("Ada")
            service.run(user)


class SeveralByUnittest(TestCase):
    def test_several(self):
        with self.assertRaises(ValueError):  # TH305
            text = str("a")
            int(text)


def test_one_statement_and_what_is_sent(session, service):
    with pytest.raises(ValueError, match="taken"):
        service.add(session, "Ada")
        session.flush()


def test_one_statement(service):
    name = "Ada"
    with pytest.raises(ValueError, match="no user"):
        service.run(name)


async def test_one_inside_of_another(service):
    with pytest.raises(ValueError, match="no user"):
        async with service.opened() as opened:
            name = "Ada"


async def test_raises_what_it_catches_to_leave_a_transaction(database):
    async with database.transaction():
        try:
            async with database.transaction():
                await database.execute("INSERT INTO users VALUES ('Ada')")
                raise RuntimeError
        except RuntimeError:
            pass
    assert await database.fetch_all("SELECT name FROM users") == []


# TH302: an exception that is kept, and of which nobody asks what it was.


def test_kept(service):
    caught = None
    try:
        service.run()
    except ValueError as error:  # TH302
        caught = error
    assert caught is not None


class TestKept:
    async def test_kept(self, service):
        outcome = "fine"
        try:
            await service.run()
        except ValueError as error:  # TH302
            outcome = error
        assert outcome != "fine"

    async def test_kept_and_looked_at(self, service):
        caught = None
        try:
            await service.run()
        except ValueError as error:
            caught = error
        assert caught is not None
        assert str(caught) == "no"
