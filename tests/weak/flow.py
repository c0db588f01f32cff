"""TH2. Each line that ends in a code is reported with it, and no other line with any."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
NAMES = ["Ada", "Bob"]
NOTHING = []


# TH201: a loop over cases.


def test_cases_in_a_loop(client):
    for name in ["Ada", "Bob", ""]:  # TH201
        response = client.post("/users", json={"name": name})
        assert response.json()["name"] == name


async def test_cases_of_a_name(client):
    cases = {"/users": 3, "/items": 0}
    for path, count in cases.items():  # TH201
        response = await client.get(path)
        assert len(response.json()) == count


class TestCases:
    def test_pairs(self):
        for given, expected in [("1", 1), ("2", 2)]:  # TH201
            number = int(given)
            assert number == expected

    async def test_numbered(self, service):
        for number, name in enumerate(("a", "b")):  # TH201
            found = await service.find(name)
            assert found.number == number


def test_a_loop_is_one_step(client):
    for path in ("/users", "/items"):
        response = client.get(path)
        assert response.json() == []
    assert client.get("/log").json() == ["/users", "/items"]


def test_one_answer_has_no_secret(client):
    body = client.get("/users/1").json()
    for field in ("password", "token"):
        assert field not in body


def test_prepares_in_a_loop(client):
    for name in ["Ada", "Bob"]:
        client.post("/users", json={"name": name})
    assert len(client.get("/users").json()) == 2


def test_each_case_has_a_name(subtests, client):
    for name in ["Ada", "Bob"]:
        with subtests.test(name=name):
            response = client.post("/users", json={"name": name})
            assert response.json()["name"] == name


async def test_what_it_made_is_no_case(service, users):
    first, second = users.make("Ada"), users.make("Bob")
    await service.run()
    for user in (first, second):
        found = await users.find(user.id)
        assert found.is_done


# TH202: a loop that may not run.


def test_each_of_a_list_that_may_be_empty(client):
    for user in client.get("/users").json():  # TH202
        assert user["name"]


async def test_the_status_and_each_of_a_list(client):
    response = await client.get("/users")
    assert response.status_code == 200
    for user in response.json():  # TH202
        assert user["name"]


class TestEach:
    def test_all(self, users):
        found = users.search("a")
        assert all(user.is_active for user in found)  # TH202

    async def test_while(self, queue):
        while await queue.waits():  # TH202
            assert (await queue.get()).is_valid


def test_each_of_a_list_that_is_counted(client):
    users = client.get("/users").json()
    assert len(users) == 2
    for user in users:
        assert user["name"]


def test_each_of_what_is_written_down(users):
    for name in NAMES:
        assert users.has(name)


def test_each_of_what_was_made(users):
    made = [users.make(name) for name in NAMES]
    for user in made:
        assert user.is_active


def test_each_of_what_is_handed_over(some_users):
    for user in some_users:
        assert user.is_active


def test_each_time(users):
    for _ in range(3):
        assert users.count() == 0


async def test_each_of_what_ran(gather, service):
    tasks = []
    for number in range(5):
        tasks.append(service.run(number))
    for result in await gather(*tasks):
        assert result.is_done


def test_each_of_two_lists_of_one_length(client):
    for user, name in zip(client.get("/users").json(), NAMES, strict=True):
        assert user["name"] == name


# TH203: only under a condition.


def test_only_if_it_worked(client):
    response = client.get("/users")
    if response.status_code == 200:  # TH203
        assert response.json() == []


async def test_only_if_there_is_one(client):
    users = (await client.get("/users")).json()
    if users:  # TH203
        assert users[0]["name"] == "Ada"


class TestOnlyIf:
    def test_nested(self, users):
        user = users.find("Ada")
        if user is not None:  # TH203
            if user.is_active:
                assert user.name == "Ada"

    async def test_in_a_class(self, service):
        result = await service.run()
        if result.ok:  # TH203
            assert result.value == 3


def test_returns_before(client):
    response = client.get("/users")
    if response.status_code != 200:  # TH203
        return
    assert response.json() == []


async def test_returns_before_in_a_block(service):
    async with service.opened() as opened:
        if not opened.ready:  # TH203
            print("not ready")
            return
        assert await opened.run() == 3


def test_some_cases_of_a_match(client):
    match client.get("/users/1").json():  # TH203
        case {"name": name}:
            assert name == "Ada"


def test_two_of_many_branches(client):
    response = client.get("/users")
    if response.status_code == 200:  # TH203
        assert response.json() == []
    elif response.status_code == 404:
        assert response.json()["detail"]


def test_all_cases_of_a_match(client):
    match client.get("/users/1").json():
        case {"name": name}:
            assert name == "Ada"
        case _:
            pytest.fail("there is no name")


def test_skips_before(client):
    if not client.is_there():
        pytest.skip("there is no server")
        return
    assert client.get("/users").json() == []


@pytest.mark.parametrize("allowed", [True, False])
def test_returns_by_its_parameter(client, allowed):
    if not allowed:
        return
    assert client.get("/users").json() == []


def test_elsewhere_than_on_sqlite(engine):
    if engine.url.startswith("sqlite"):
        return
    assert engine.run() == 3


def test_either_way(users):
    user = users.find("Ada")
    if user is None:
        pytest.fail("there is no Ada")
    else:
        assert user.name == "Ada"


@pytest.mark.parametrize("allowed", [True, False])
def test_by_its_parameter(client, allowed):
    answer = client.get("/users")
    if allowed:
        assert answer.json() == []


@pytest.mark.parametrize("case", [{"wide": True, "width": 2}, {"wide": False, "width": 1}])
def test_by_a_part_of_its_parameter(case):
    wide = case["wide"]
    if wide:
        assert case["width"] > 1


def test_cases_that_are_written_down(client):
    cookies = client.get("/").cookies
    for name, flags in {"access": "httponly", "": ""}.items():
        if name:
            assert cookies[name] == flags


def test_the_condition_first(client):
    response = client.get("/users")
    assert response.json()["count"] == 1
    if response.json()["count"]:
        assert response.json()["users"]


def test_fails_by_hand(users):
    missing = [name for name in NAMES if not users.has(name)]
    if missing:
        pytest.fail(f"{missing} are missing")


# TH204: parametrised over nothing.


@pytest.mark.parametrize("name", [])  # TH204
def test_no_case(name):
    assert name


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")))  # TH204
async def test_files_that_may_be_none(path):
    assert path.read_text()


class TestNoCases:
    @pytest.mark.parametrize("name", NOTHING)  # TH204
    def test_by_a_name(self, name):
        assert name

    @pytest.mark.parametrize("name", [it for it in FOLDER.iterdir() if it.is_file()])  # TH204
    async def test_what_is_left_over(self, name):
        assert name


@pytest.mark.parametrize("name", NAMES)
def test_some_cases(name):
    assert name


@pytest.mark.parametrize("name", [name.lower() for name in NAMES])
def test_made_of_some(name):
    assert name


@pytest.mark.parametrize("name", [name for name in NAMES if name < "B"])
def test_some_of_what_is_written_down(name):
    assert name


# One page is looked at, and nothing is done again.


def test_rows_of_one_page(page, expect):
    page.get_by_role("button").click()
    for title in ("Dune", "Emma"):
        row = page.locator("tr", has=page.get_by_text(title))
        expect(row).to_have_class("done")
        assert row.is_visible()
