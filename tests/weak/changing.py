"""TH4. Each line that ends in a code is reported with it, and no other line with any."""

import asyncio
import random
import secrets
import time
from asyncio import sleep as nap
from datetime import date, datetime, timedelta, timezone

import httpx
import pytest
import requests
import time_machine

BASE = "https://api.example.com"


# TH401: sleep.


def test_sleeps(service):
    service.start()
    time.sleep(1)  # TH401
    assert service.is_ready()


async def test_sleeps_and_awaits(service):
    service.start()
    await asyncio.sleep(0.5)  # TH401
    assert service.is_ready()


class TestSleeps:
    def test_a_while(self, service):
        for _ in range(3):
            time.sleep(0.1)  # TH401
        assert service.is_ready()

    async def test_in_a_class(self, service):
        await asyncio.sleep(service.delay)  # TH401
        assert service.is_ready()


@pytest.fixture
def started(service):
    service.start()
    time.sleep(2)  # TH401
    return service


async def test_gives_others_a_turn(service):
    await asyncio.sleep(0)
    assert service.is_ready()


def test_waits_until_it_is_there(service):
    while not service.is_ready():
        time.sleep(0.01)
    assert service.answer == 3


def test_is_what_a_stopwatch_sees(service):
    with service.timed() as timed:
        time.sleep(0.01)
    assert timed.calls == 1


async def test_stands_for_something_slow(service):
    async def slow():
        await asyncio.sleep(10)

    assert await service.run(slow, limit=0.01) is None


# TH402: the clock.


def test_today(service):
    assert service.day() == date.today()  # TH402


def test_a_moment_that_was_read_before(service):
    now = datetime.now()
    assert service.make().at == now  # TH402


def test_a_moment_that_is_handed_over(service):
    now = datetime.now()
    assert service.make(now).at == now


async def test_now(service):
    made = await service.make()
    assert made.at == datetime.now(timezone.utc).isoformat()  # TH402


class TestClock:
    def test_year(self, service):
        assert service.day().year == datetime.now().year  # TH402

    async def test_fast_enough(self, service):
        started = time.perf_counter()
        await service.run()
        assert time.perf_counter() - started < 0.5  # TH402

    def test_fast_enough_by_a_name(self, service):
        started = time.time()
        service.run()
        elapsed = time.time() - started
        assert 1.0 > elapsed  # TH402


@time_machine.travel("2026-01-01")
def test_the_clock_stands(service):
    assert service.day() == date.today()


def test_between(service):
    before = datetime.now(timezone.utc)
    made = service.make()
    assert before <= made.at <= datetime.now(timezone.utc)


def test_it_ends_later(service):
    token = service.make(ends=datetime.now(timezone.utc) + timedelta(days=1))
    assert token.is_valid()


def test_it_waits_long_enough(service):
    started = time.monotonic()
    service.run()
    assert time.monotonic() - started >= 0.05


# TH403: the network.


def test_the_network():
    assert requests.get("https://api.github.com").json()  # TH403


async def test_the_network_by_a_client():
    async with httpx.AsyncClient() as client:
        response = await client.get(f"{BASE}/users")  # TH403
    assert response.json() == []


class TestNetwork:
    def test_posts(self):
        answer = requests.post(BASE + "/users", json={})  # TH403
        assert answer.json()["id"]

    async def test_a_server_that_somebody_started(self):
        answer = httpx.get("http://localhost:8000/health")  # TH403
        assert answer.json() == {"status": "ok"}


def test_answered_by_a_double(respx_mock):
    respx_mock.get("https://api.github.com")
    assert httpx.get("https://api.github.com").text == ""


def test_the_application_itself(client):
    assert client.get("https://testserver/users").json() == []


async def test_an_application_behind_a_client(app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        response = await client.get("https://api.example.com/users")
    assert response.json() == []


# TH404: chance.


def test_chance(service):
    number = random.randint(1, 100)  # TH404
    assert service.double(number) == number * 2


async def test_a_choice(service):
    name = random.choice(["Ada", "Bob"])  # TH404
    assert await service.find(name)


class TestChance:
    def test_shuffles(self, service):
        names = ["Ada", "Bob"]
        random.shuffle(names)  # TH404
        assert service.sort(names) == ["Ada", "Bob"]

    async def test_a_generator_of_its_own(self, service):
        generator = random.Random()  # TH404
        assert await service.run(generator)


def test_a_generator_that_is_seeded(service):
    generator = random.Random(1)
    assert service.run(generator) == 3


def test_a_name_that_nobody_has(service):
    name = f"user-{random.randint(0, 999999)}"
    assert service.make(name).name == name


# The same in other words.


def test_waits_for_something_or_for_its_end(service):
    until = time.monotonic() + 5
    while not service.is_ready() and time.monotonic() < until:
        pass
    assert service.count == 1


async def test_sleeps_by_another_name(service):
    await nap(1)  # TH401
    assert service.is_ready()


def test_waits_for_the_clock(service):
    started = time.monotonic()
    while time.monotonic() - started < 1:  # TH401
        pass
    assert service.is_ready()


def test_waits_for_something(service):
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if service.is_ready():
            break
        service.step()
    assert service.count == 1


class TestOtherWords:
    def test_a_moment_in_a_text(self, service):
        assert service.number() == f"{date.today().year}-001"  # TH402

    async def test_a_part_as_a_text(self, service):
        assert await service.year() == str(date.today().year)  # TH402

    def test_a_text_of_another_moment(self, service):
        assert service.number(date(2026, 1, 1)) == f"{date(2026, 1, 1).year}-001"

    def test_chance_of_the_system(self, service):
        size = secrets.choice([1, 100])  # TH404
        assert service.price(size) == 1

    async def test_a_generator_of_the_system(self, service):
        draw = random.SystemRandom()
        assert await service.price(draw.randint(1, 9)) < 10  # TH404

    def test_chance_that_makes_a_name(self, service):
        name = "".join(secrets.choice("abc") for _ in range(9))
        assert service.find(name) is None
