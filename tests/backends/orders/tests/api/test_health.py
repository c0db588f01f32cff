def test_health(client):
    response = client.get("/health", headers={"X-Request-ID": "abc"})

    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert response.headers["X-Request-ID"] == "abc"
