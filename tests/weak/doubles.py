"""TH7. Each line that ends in a code is reported with it, and no other line with any."""

from unittest.mock import patch

from app import mail


def test_makes_what_it_patches(client):
    with patch("app.mail.sned", create=True) as send:  # TH701
        client.post("/users")
    send.assert_called_once_with("hello")


@patch("app.mail.send", create=True)  # TH701
async def test_makes_it_above(send, client):
    await client.post("/users")
    send.assert_called_once_with("hello")


class TestCreates:
    def test_of_an_object(self, client):
        with patch.object(mail, "send", create=True) as send:  # TH701
            client.post("/users")
        send.assert_called_once_with("hello")

    async def test_whether_or_not_it_is_there(self, client, monkeypatch):
        monkeypatch.setattr(mail, "send", print, raising=False)  # TH701
        assert (await client.post("/users")).json()


def test_replaces_what_is_there(client):
    with patch("app.mail.send", autospec=True) as send:
        client.post("/users")
    send.assert_called_once_with("hello")


def test_sets_what_is_there(client, monkeypatch):
    monkeypatch.setattr(mail, "send", print)
    assert client.post("/users").json()


def test_replaces_what_python_has(client):
    with patch("builtins.open", create=True) as opened:
        client.post("/files")
    opened.assert_called_once_with("a.txt")
