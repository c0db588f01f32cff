from tests.fakes import integrity_error


def test_duplicate_email_is_a_conflict(logged_in, db):
    db.fail_on_commit = integrity_error()

    response = logged_in.post(
        "/api/v1/customers/", json={"name": "Acme", "email": "info@acme.example"}
    )

    assert response.status_code == 409
    assert "info@acme.example" in response.json()["detail"]
    assert db.rollbacks == 1
