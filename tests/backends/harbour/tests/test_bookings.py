from datetime import date

import pytest
from fakes import ClientOf, MemoryStore
from fastapi.testclient import TestClient

from harbour.models import Berth, User

VESSEL = {"name": "Nautilus", "registration": "N-1", "length_m": 10}
BOOKING = {"vessel_id": 1, "berth_id": 1, "arrives": "2026-06-01", "leaves": "2026-06-05"}


@pytest.fixture
def captain(client_of: ClientOf, skipper: User, store: MemoryStore) -> TestClient:
    """Return the client of a skipper with a vessel, where one berth is long enough."""
    store.berths.rows += [Berth(id=1, code="A1", length_m=12), Berth(id=2, code="A2", length_m=6)]
    client = client_of(skipper)
    assert client.post("/vessels", json=VESSEL).status_code == 201
    return client


def test_booking(captain: TestClient, store: MemoryStore) -> None:
    answer = captain.post("/bookings", json=BOOKING)
    assert (answer.status_code, answer.json()) == (201, {"id": 1, **BOOKING})
    assert store.bookings.rows[0].arrives == date(2026, 6, 1)
    assert captain.get("/bookings", params={"vessel_id": 1}).json()["total"] == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"berth_id": 2}, 409),
        ({"berth_id": 3}, 404),
        ({"vessel_id": 2}, 404),
        ({"leaves": "2026-06-01"}, 422),
    ],
    ids=["too long", "no berth", "no vessel", "no night"],
)
def test_booking_is_refused(captain: TestClient, change: dict[str, object], status: int) -> None:
    assert captain.post("/bookings", json={**BOOKING, **change}).status_code == status


@pytest.mark.parametrize(
    ("arrives", "leaves", "status"),
    [("2026-06-04", "2026-06-08", 409), ("2026-06-05", "2026-06-08", 201)],
)
def test_berth_is_taken_once(captain: TestClient, arrives: str, leaves: str, status: int) -> None:
    captain.post("/bookings", json=BOOKING)
    again = captain.post("/bookings", json={**BOOKING, "arrives": arrives, "leaves": leaves})
    assert again.status_code == status


def test_vessel_of_somebody_else_is_not_there(
    captain: TestClient, client_of: ClientOf, store: MemoryStore, admin: User
) -> None:
    other = User(id=99, email="other@example.com", role="skipper", is_active=True)
    store.users.rows.append(other)
    assert captain.get("/vessels/1").status_code == 200
    assert client_of(admin).get("/vessels").json()["total"] == 1
    assert client_of(other).get("/vessels").json()["total"] == 0
    assert client_of(other).delete("/vessels/1").status_code == 404


def test_vessel_is_removed(captain: TestClient, store: MemoryStore) -> None:
    assert captain.delete("/vessels/1").status_code == 204
    assert store.vessels.rows == []
