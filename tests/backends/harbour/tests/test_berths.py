from fakes import ClientOf
from fastapi.testclient import TestClient

from harbour.models import User

BERTH = {"code": "A1", "length_m": 12}


def test_admin_adds_a_berth(client_of: ClientOf, admin: User) -> None:
    answer = client_of(admin).post("/berths", json=BERTH)
    assert (answer.status_code, answer.json()) == (201, {"id": 1, **BERTH})


def test_skipper_does_not(client_of: ClientOf, skipper: User) -> None:
    assert client_of(skipper).post("/berths", json=BERTH).status_code == 403


def test_berths_are_public_and_paged(client: TestClient, client_of: ClientOf, admin: User) -> None:
    for code in ("A1", "A2", "A3"):
        client_of(admin).post("/berths", json={**BERTH, "code": code})
    page = client.get("/berths", params={"limit": 2, "offset": 1}).json()
    assert [berth["code"] for berth in page["items"]] == ["A2", "A3"]
    assert page["total"] == 3
    assert client.get("/berths", params={"limit": 0}).status_code == 422
