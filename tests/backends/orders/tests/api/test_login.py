def test_unknown_user_gets_401(client):
    response = client.post(
        "/api/v1/login/access-token",
        data={"username": "nobody@orders.example", "password": "whatever"},
    )

    assert response.status_code == 401
    assert response.json() == {"detail": "Incorrect email or password"}


def test_users_are_for_superusers(logged_in):
    assert logged_in.get("/api/v1/users/me").json()["email"] == "clerk@orders.example"
    assert logged_in.get("/api/v1/users/").status_code == 403
