"""/organisations, open to everybody."""

from uuid import uuid4

import pytest
from test_harness import assert_statements, assert_status

from factories import OrganisationFactory


def test_an_organisation_is_created_and_read(client):
    created = assert_status(client.post("/organisations", json={"name": " Acme "}), 201)
    read = assert_status(client.get(f"/organisations/{created['id']}"), 200)

    assert created["name"] == "Acme"
    assert read == created


@pytest.mark.parametrize("name", ["  ", "x" * 101, "nul\0", None])
def test_a_name_is_needed(client, name):
    body = assert_status(client.post("/organisations", json={"name": name}), 422)

    assert [error["loc"] for error in body["detail"]] == [["body", "name"]]


def test_organisations_are_listed_by_name(client, db):
    for name in ("B", "C", "A"):
        OrganisationFactory.create(name=name)

    body = assert_status(client.get("/organisations", params={"page": 2, "size": 2}), 200)

    assert [organisation["name"] for organisation in body.pop("items")] == ["C"]
    assert body == {"total": 3, "page": 2, "size": 2, "pages": 2}


def test_an_organisation_is_renamed(client, db):
    organisation = OrganisationFactory.create(name="Acme")
    path = f"/organisations/{organisation.id}"

    body = assert_status(client.patch(path, json={"name": "Emca"}), 200)

    assert body["name"] == "Emca"
    assert assert_status(client.get(path), 200) == body


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_an_unknown_organisation_is_not_found(client, method):
    body = assert_status(client.request(method, f"/organisations/{uuid4()}", json={}), 404)

    assert body == {"detail": "No such organisation."}


def test_the_number_of_statements_does_not_grow_with_the_list(client, db):
    assert_statements(client, "/organisations", OrganisationFactory)
