"""The doubles of services: what the application sends arrives there, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.conftest import folder_for_all
from tests.worlds import build_tree, render, run
from tools.environments import suite_environment

pytestmark = pytest.mark.runs

PACKAGES = [
    "aiosmtplib", "boto3", "fakeredis", "flask-cors", "httpx", "moto[s3]", "pyjwt[crypto]",
    "requests",
]  # fmt: skip

APPLICATION = '''
    """What the application does to services of others."""

    import smtplib

    import aiosmtplib
    import boto3
    import httpx
    import httpx2
    import jwt
    import redis
    import redis.asyncio
    import requests

    storage = boto3.client("s3")
    cache = redis.Redis.from_url("redis://cache.example.com:6379/0", decode_responses=True)
    async_cache = redis.asyncio.from_url("redis://cache.example.com:6379/0")

    API = "https://api.example.com/rates"

    class Manager:
        async def broadcast(self, text: str) -> None:
            raise RuntimeError("reached the real one")

    manager = Manager()

    class Converter:
        def to_webp(self, picture: bytes, *, width: int) -> bytes:
            raise RuntimeError("started a program")

    converter = Converter()
    minio = boto3.client(
        "s3", endpoint_url="https://minio.example.com:9000", aws_access_key_id="us",
        aws_secret_access_key="secret", region_name="eu-west-1",
    )

    def is_well():
        return httpx.get("https://api.example.com/health").status_code == 200

    def with_httpx():
        return httpx.get(API, params={"of": "EUR"}).json()

    async def with_httpx2():
        async with httpx2.AsyncClient() as client:
            return (await client.post(API, json={"of": "EUR"})).json()

    def with_requests():
        return requests.get(API, timeout=1).json()

    def mail():
        with smtplib.SMTP("mail.example.com", 25) as server:
            server.starttls()
            server.login("me", "secret")
            server.sendmail("me@example.com", ["ada@example.com"], "Subject: Hi\\n\\ntoken=abc.def")

    class Client(smtplib.SMTP):
        """As libraries have it that say more of what the server answered."""

        def sendmail(self, sender, to, content):
            self.ehlo_or_helo_if_needed()
            return [self.mail(sender), self.rcpt(to), self.data(content)]

    def mail_with_a_client_of_its_own():
        with Client("mail.example.com", 25) as server:
            return server.sendmail("me@example.com", "ada@example.com", "Subject: Hi\\n\\ntoken=x")

    async def mail_asynchronously(message):
        await aiosmtplib.send(message, hostname="mail.example.com", port=25)

    def signed_in(provider, token):
        keys = httpx2.get(f"{provider}/jwks").json()
        key = jwt.PyJWK(keys["keys"][0])
        return jwt.decode(token, key, algorithms=["RS256"], audience="me", issuer=provider)
'''

IMPORTS_BY_NAME = "from app.services_of_others import converter, manager\n"

TESTS = """
    import threading
    from email.message import EmailMessage

    import httpx2
    import jwt
    import pytest
    from cryptography.hazmat.primitives.asymmetric import rsa

    from app import rooms, services_of_others as others
    from test_harness.doubles.http import UnansweredError
    from test_harness.doubles.oauth import KEY

    def test_httpx(http_double):
        http_double.answer("GET", others.API, json={"EUR": 1})
        assert others.with_httpx() == {"EUR": 1}
        assert http_double.calls[0].url == others.API + "?of=EUR"

    async def test_httpx2(http_double):
        http_double.answer("POST", others.API, json={"EUR": 1})
        assert await others.with_httpx2() == {"EUR": 1}
        assert http_double.calls[0].json == {"of": "EUR"}

    def test_requests(http_double):
        http_double.answer("GET", others.API, json={"EUR": 1})
        assert others.with_requests() == {"EUR": 1}

    def test_an_error(http_double):
        http_double.answer("GET", others.API, error=httpx2.ConnectTimeout("late"))
        with pytest.raises(httpx2.ConnectTimeout):
            others.with_httpx()

    def test_no_answer(http_double):
        with pytest.raises(UnansweredError, match="services_of_others.py:[0-9]+ sent GET https://"):
            others.with_httpx()

    def test_an_answer_too_many(http_double):
        http_double.answer("GET", others.API)

    def test_smtplib(mailbox):
        others.mail()
        assert mailbox.token_for("ada@example.com") == "abc.def"

    def test_smtplib_in_a_thread_that_takes_its_time(mailbox):
        threading.Timer(0.1, others.mail).start()
        assert mailbox.token_for("ada@example.com") == "abc.def"

    def test_smtplib_with_a_client_of_its_own(mailbox):
        assert [status for status, _ in others.mail_with_a_client_of_its_own()] == [250] * 3
        assert mailbox.token_for("ada@example.com") == "x"

    async def test_aiosmtplib(mailbox):
        message = EmailMessage()
        message["From"], message["To"] = "me@example.com", "ada@example.com"
        message["Subject"] = "Hi"
        message.set_content("https://example.com/?token=xyz")
        await others.mail_asynchronously(message)
        assert mailbox.token_for("ada@example.com") == "xyz"
        assert [mail["subject"] for mail in mailbox.to("ada@example.com")] == ["Hi"]

    @pytest.mark.parametrize("time", [1, 2])
    async def test_redis(redis_double, time):
        assert others.cache.get("name") is None
        others.cache.set("name", "ada")
        assert await others.async_cache.get("name") == b"ada"
        assert redis_double.get("name") == b"ada"

    async def test_redis_says_how_it_is(redis_double):
        assert others.cache.ping()
        assert others.cache.info()["role"] == "master"
        assert (await others.async_cache.info("server"))["redis_version"].startswith("7.")

    @pytest.mark.parametrize("well", [True, False])
    def test_a_service_says_how_it_is(http_double, well):
        http_double.health("https://api.example.com/health", well=well)
        assert others.is_well() is well

    @pytest.mark.parametrize("time", [1, 2])
    def test_storage(object_storage, time):
        object_storage.create_bucket(Bucket="avatars")
        others.storage.put_object(Bucket="avatars", Key="ada", Body=b"png")
        assert object_storage.get_object(Bucket="avatars", Key="ada")["Body"].read() == b"png"
        assert "avatars" in others.storage.generate_presigned_url(
            "get_object", Params={"Bucket": "avatars", "Key": "ada"}
        )

    def test_storage_at_an_address_of_its_own(object_storage):
        object_storage.create_bucket(Bucket="avatars")
        others.minio.put_object(Bucket="avatars", Key="eve", Body=b"png")
        url = others.minio.generate_presigned_url(
            "get_object", Params={"Bucket": "avatars", "Key": "eve"}, ExpiresIn=60
        )
        assert httpx2.get(url).content == b"png"

    def test_oauth(oauth_provider):
        provider = oauth_provider("https://accounts.example.com")
        provider.sign_in("me", email="ada@example.com")
        token = httpx2.post(f"{provider.issuer}/token").json()["id_token"]
        assert others.signed_in(provider.issuer, token)["email"] == "ada@example.com"
        forged = provider.id_token("me", rsa.generate_private_key(65537, 2048))
        with pytest.raises(jwt.InvalidSignatureError):
            others.signed_in(provider.issuer, forged)

    async def test_objects(double_of):
        manager = double_of("app.services_of_others:manager")
        await rooms.manager.broadcast("hello")
        manager.broadcast.assert_awaited_once_with("hello")
        with pytest.raises(TypeError):
            rooms.manager.broadcast()

    def test_a_converter(double_of):
        converter = double_of("app.services_of_others:converter")
        converter.to_webp.return_value = b"webp"
        assert rooms.converter.to_webp(b"png", width=64) == b"webp"
        converter.to_webp.assert_called_once_with(b"png", width=64)
        with pytest.raises(TypeError):
            rooms.converter.to_webp(b"png", height=64)

    async def test_objects_come_back():
        with pytest.raises(RuntimeError, match="the real one"):
            await rooms.manager.broadcast("hello")
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = folder_for_all(tmp_path_factory, "doubles-environment") / ".venv"
    return suite_environment(folder, "python3", *PACKAGES)


def test_what_is_sent_arrives_at_the_double(template: Path, tmp_path: Path, python: Path) -> None:
    project = render(
        template,
        tmp_path / "project",
        doubles=["mail", "http", "redis", "storage", "oauth", "objects"],
    )
    tree = {
        "app/services_of_others.py": APPLICATION,
        "app/rooms.py": IMPORTS_BY_NAME,
        "tests/unit/test_doubles.py": TESTS,
    }
    build_tree(project, {name: dedent(text) for name, text in tree.items()})

    test = "tests/unit/test_doubles.py"
    said = run(python, "-m", "pytest", "-q", test, cwd=project, check=False).stdout

    assert "nobody sent GET https://api.example.com/rates" in said
    assert "22 passed, 1 error" in said, said


CACHE = """
    import redis

    near = redis.Redis(host="localhost", port=1)
    far = redis.Redis(host="cache.example.com")
"""

USES_CACHE = """
    import pytest
    from app import cache

    @pytest.mark.parametrize("name", ["near", "far"])
    def test_cache(name):
        assert getattr(cache, name).get("name") is None
"""


def test_a_service_is_answered_by_a_double_on_one_word(
    template: Path, tmp_path: Path, python: Path
) -> None:
    project = render(template, tmp_path / "project", questions="everything", mode="sync")
    tree = {"app/cache.py": CACHE, "tests/unit/test_cache.py": USES_CACHE}
    build_tree(project, {name: dedent(text) for name, text in tree.items()})
    (project / ".venv").symlink_to(python.parents[1])
    conftest = (project / "tests" / "conftest.py").read_text(encoding="utf-8")

    suite = (python, "-m", "pytest", "-q", "tests/unit/test_cache.py")
    said = run(*suite, cwd=project, check=False).stdout
    assert "2 failed" in said
    offer = "  Fix: `test-harness double redis` has tests answered by a double of Redis"
    place = "tests/unit/test_cache.py:7"
    assert f"{place} tried to reach Redis at 127.0.0.1:1, which is not of the tests." in said
    assert f"{place} tried to reach cache.example.com:6379, which is not on this machine." in said
    assert (said.count(f"{offer}.\n"), said.count(f"{offer}; or replace the call")) == (0, 4)

    command = (python, "-m", "test_harness", "double", "redis")
    said = run(*command, cwd=project).stdout
    assert '+DOUBLES = ["redis"]\n' in said
    assert "Tests have a double of Redis; its fixture is `redis_double`.\n" in said
    written = (project / "tests" / "conftest.py").read_text(encoding="utf-8")
    assert written.startswith(conftest)
    assert "2 passed" in run(*suite, cwd=project).stdout
    assert "DOUBLES" not in run(*command, cwd=project).stdout
    assert (project / "tests" / "conftest.py").read_text(encoding="utf-8") == written
