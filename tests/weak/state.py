"""TH5. Each line that ends in a code is reported with it, and no other line with any."""

import os
import sys
from unittest import TestCase
from unittest.mock import Mock, PropertyMock

import pytest
from app.main import app
from app.settings import settings

made = []
count = 0
CACHE = {}


# TH501: the order of names.


class TestJourney:
    def test_1_signs_up(self, client):
        assert client.post("/signup").json()

    def test_2_logs_in(self, client):  # TH501
        assert client.post("/login").json()

    async def test_3_logs_out(self, client):  # TH501
        assert (await client.post("/logout")).json()


def test_step_01_makes(client):
    assert client.post("/users").json()


async def test_step_02_deletes(client):  # TH501
    assert (await client.delete("/users/1")).json()


class TestLetters:
    def test_a_first(self, client):
        assert client.get("/a").json()

    def test_b_second(self, client):  # TH501
        assert client.get("/b").json()

    def test_c_third(self, client):  # TH501
        assert client.get("/c").json()


class TestNumbersThatAreNoOrder:
    def test_404_page(self, client):
        assert "nothing" in client.get("/nowhere").text

    def test_500_page(self, client):
        assert "sorry" in client.get("/broken").text

    def test_2fa(self, client):
        assert client.post("/2fa").json()


# TH502: state that tests share.


def test_appends(client):
    made.append(client.post("/users").json()["id"])  # TH502
    assert made


async def test_counts(client):
    global count
    count = 1  # TH502
    assert (await client.get("/users")).json() == []


class TestShared:
    user = None

    def test_keeps_for_the_next(self, client):
        TestShared.user = client.post("/users").json()  # TH502
        assert self.user

    async def test_keeps_for_all(self, client):
        self.__class__.user = (await client.post("/users")).json()  # TH502
        assert self.user

    def test_writes_into_a_dictionary(self, client):
        CACHE["user"] = client.post("/users").json()  # TH502
        assert CACHE

    def test_sets_a_variable(self, client):
        os.environ["MODE"] = "strict"  # TH502
        assert client.get("/mode").json() == "strict"

    async def test_overrides(self, client):
        app.dependency_overrides[str] = lambda: "x"  # TH502
        assert (await client.get("/mode")).json() == "x"


def test_makes_a_name_of_the_module(client):
    global user
    user = client.post("/users").json()  # TH502
    assert user


def test_moves_to_a_folder(client):
    os.chdir("/")  # TH502
    assert client.get("/").text


async def test_adds_a_path(client):
    sys.path.insert(0, "plugins")  # TH502
    assert (await client.get("/plugins")).json() == []


def test_replaces_a_module(client):
    sys.modules["app.mail"] = None  # TH502
    assert client.get("/").text


class TestReplaces:
    def test_a_part_of_a_module(self, client):
        app.mail.send = print  # TH502
        assert client.get("/").text

    async def test_a_setting(self, client):
        settings.mode = "strict"  # TH502
        assert (await client.get("/mode")).json() == "strict"


class TestKeeps:
    made = []

    def test_for_all_of_its_class(self, client):
        self.made.append(client.post("/users").json())  # TH502
        assert self.made

    async def test_takes_out_a_variable(self, client):
        del os.environ["MODE"]  # TH502
        assert (await client.get("/mode")).json() is None

    def test_takes_out_another(self, client):
        os.environ.pop("MODE", None)  # TH502
        assert client.get("/mode").json() is None


class TestKeepsForItself:
    made = []

    def setup_method(self):
        self.made = []

    def test_for_itself(self, client):
        self.made.append(client.post("/users").json())
        assert self.made


class TestBegunAnew:
    @pytest.fixture(autouse=True)
    def _begin(self):
        app.mail.cache = None

    def test_what_is_set_before_each(self, client):
        app.mail.cache = "old"
        assert client.get("/").text


class TestPutsBack(TestCase):
    def setUp(self):
        self.addCleanup(os.chdir, os.getcwd())

    def test_moves(self):
        os.chdir("/")
        self.assertEqual(os.listdir(), [])


def test_puts_a_setting_back(client):
    before = settings.mode
    settings.mode = "strict"
    assert client.get("/mode").json() == "strict"
    settings.mode = before


def test_moves_to_a_folder_for_this_test(client, monkeypatch):
    monkeypatch.chdir("/")
    os.chdir("/tmp")
    assert client.get("/").text


def test_an_application_of_its_own(client):
    own = make_app()
    own.dependency_overrides[str] = lambda: "x"
    own.state.mode = "strict"
    assert client(own).get("/mode").json() == "x"


def make_app():
    return app.copy()


def test_a_part_of_a_double(service):
    broken = Mock()
    type(broken).name = PropertyMock(side_effect=ValueError)
    assert service.run(broken) == 3


def test_a_list_of_its_own(client):
    ids = []
    ids.append(client.post("/users").json()["id"])
    assert ids


def test_a_variable_for_this_test(client, monkeypatch):
    monkeypatch.setenv("MODE", "strict")
    assert client.get("/mode").json() == "strict"


def test_overrides_for_this_test(client):
    app.dependency_overrides[str] = lambda: "x"
    try:
        assert client.get("/mode").json() == "x"
    finally:
        app.dependency_overrides.clear()


def test_puts_a_variable_back(client):
    before = os.environ["MODE"]
    os.environ["MODE"] = "strict"
    try:
        assert client.get("/mode").json() == "strict"
    finally:
        os.environ["MODE"] = before


# The same in other words.


class TestCounting:
    seen = []

    def test_by_its_type(self):
        type(self).seen.append(1)  # TH502
        assert self.seen

    async def test_by_its_class(self):
        self.__class__.seen.append(1)  # TH502
        assert self.seen

    def test_by_its_name(self):
        TestCounting.seen.append(1)  # TH502
        assert self.seen

    def test_zz_is_the_last(self):  # TH501
        assert type(self).__name__ == "TestCounting"


class TestSetUpAnew:
    seen = []

    def setup_method(self):
        type(self).seen = []

    def test_by_its_type(self):
        type(self).seen.append(1)
        assert len(self.seen) == 1


class TestRecords:
    def test_aaaa_of_a_name(self, service):
        assert service.address("example.com") == "::1"

    async def test_a_of_a_name(self, service):
        assert await service.address("example.com") == "127.0.0.1"
