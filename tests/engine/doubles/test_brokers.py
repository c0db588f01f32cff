"""The doubles of queues, storage and search, against the clients that applications have of them."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.worlds import ROOT, build_tree, run
from tools.environments import UV

pytestmark = pytest.mark.runs

PACKAGES = [
    "aio-pika", "aioboto3", "arq", "boto3", "celery", "dramatiq[redis]", "elasticsearch[async]",
    "fakeredis", "flask", "flask-cors", "httpx", "ldap3", "meilisearch", "minio", "mongomock",
    "mongomock-motor", "motor", "moto[s3]", "opensearch-py", "pika",
    "requests", "rq",
]  # fmt: skip

CELERY = """
    from celery import Celery, chain, group, shared_task

    class Config:
        broker_url = "amqp://broker.example.com//"
        result_backend = "redis://cache.example.com/1"

    app = Celery("shop", broker="redis://cache.example.com/0", backend="redis://cache.example.com")
    late = Celery("late")
    late.config_from_object(Config)

    @app.task
    def add(a, b):
        return a + b

    @shared_task
    def doubled(number):
        return number * 2

    @late.task
    def fails():
        raise ValueError("no")

    def test_a_task_runs_where_it_is_sent(celery_double):
        result = add.delay(1, b=2)
        assert result.get() == app.AsyncResult(result.id).get(timeout=1) == 3
        [sent] = celery_double.named("add")
        assert (sent.args, sent.kwargs) == ((1,), {"b": 2})

    def test_the_next_test_has_none(celery_double):
        assert celery_double.sent == []
        assert add.apply_async((1, 1), countdown=3600).get() == 2
        assert chain(add.s(1, 2), add.s(4)).apply_async().get() == 7
        assert group(add.s(1, 2), add.s(4, 5)).apply_async().get() == [3, 9]
        late.set_current()
        assert doubled.delay(4).get() == 8

    def test_what_a_task_raises_does_not_reach_the_sender():
        assert fails.delay().state == "FAILURE"

    def test_by_name(celery_double):
        assert app.send_task(add.name, (3, 4)).get() == 7
        app.send_task("of.another.service", (1,), {"x": 1})
        assert [sent.name for sent in celery_double.sent] == [add.name, "of.another.service"]

    def test_nobody_is_connected_to():
        assert app.control.ping(timeout=0.1) == []
        with late.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1)
"""

JOBS = """
    from contextvars import ContextVar

    current = ContextVar("current", default="the request")

    def add(a, b):
        return a + b

    def enters():
        current.set("the worker")
        return current.get()
"""

RQ = """
    import redis
    from rq import Queue
    from rq.job import Job

    from jobs import add, current, enters
    from test_harness.doubles import redis as keys, rq

    connection = redis.Redis.from_url("redis://cache.example.com/0")
    queue = Queue("mails", connection=connection)

    def test_a_job_is_in_a_context_of_its_own(rq_double):
        assert queue.enqueue(enters).return_value() == "the worker"
        assert current.get() == "the request"

    def test_a_job_runs_where_it_is_enqueued(rq_double):
        job = queue.enqueue(add, 1, b=2)
        assert job.return_value() == Job.fetch(job.id, connection=connection).return_value() == 3
        [sent] = rq_double.named("add")
        assert (sent.args, sent.kwargs) == ((1,), {"b": 2})

    def test_the_next_test_has_none(rq_double):
        assert (rq_double.sent, Queue.all(connection=connection)) == ([], [])
        assert Queue(connection=connection).enqueue("jobs.add", args=(1, 2)).return_value() == 3

    def test_what_is_undone_is_gone_and_what_was_before_is_there(rq_double):
        connection.hset("kept", "a", 1)
        connection.set("passing", "b", ex=60)
        queue.enqueue(add, 1, b=2)
        with keys.undone(), rq.undone():
            queue.enqueue(add, 3, b=4)
            connection.delete("kept")
            connection.set("passing", "c")
            redis.Redis.from_url("redis://cache.example.com/1").set("new", 1)
        assert len(rq_double.sent) == 1
        assert connection.hgetall("kept") == {b"a": b"1"}
        assert (connection.get("passing"), connection.ttl("passing") > 50) == (b"b", True)
        assert redis.Redis.from_url("redis://cache.example.com/1").keys() == []
"""

ARQ = """
    import asyncio

    from arq import create_pool
    from arq.connections import RedisSettings

    async def send():
        pool = await create_pool(RedisSettings(host="cache.example.com"))
        job = await pool.enqueue_job("send_mail", "ada", urgent=True, _defer_by=10)
        return (await job.status()).value, len(await pool.queued_jobs())

    def test_a_job_is_kept(arq_double):
        assert asyncio.run(send()) == ("deferred", 1)
        [sent] = arq_double.named("send_mail")
        assert (sent.args, sent.kwargs) == (("ada",), {"urgent": True})

    def test_the_next_test_has_none(arq_double):
        assert arq_double.sent == []
        assert asyncio.run(send()) == ("deferred", 1)
"""

DRAMATIQ = """
    import dramatiq
    from dramatiq.brokers.rabbitmq import RabbitmqBroker
    from dramatiq.brokers.redis import RedisBroker

    RabbitmqBroker(url="amqp://broker.example.com")
    broker = RedisBroker(url="redis://cache.example.com:6379")
    dramatiq.set_broker(broker)
    done = []

    @dramatiq.actor
    def add(a, b):
        done.append(a + b)

    def test_a_message_is_kept_until_somebody_works(dramatiq_double):
        add.send(1, b=2)
        [sent] = dramatiq_double.named("add")
        assert (sent.args, sent.kwargs, done) == ((1,), {"b": 2}, [])
        worker = dramatiq.Worker(broker, worker_timeout=100)
        worker.start()
        broker.join(add.queue_name)
        worker.stop()
        assert done == [3]

    def test_the_next_test_starts_with_none(dramatiq_double):
        add.send_with_options(args=(1, 2), delay=1000)
        assert len(dramatiq_double.sent) == 1
"""

RABBITMQ = """
    import asyncio

    import aio_pika
    import pika
    import pytest
    from aio_pika import connect_robust

    connection = pika.BlockingConnection(pika.URLParameters("amqp://guest:guest@mq.example.com/"))
    channel = connection.channel()

    def test_what_is_published_is_written_down(rabbitmq_double):
        channel.queue_declare(queue="mails", durable=True)
        properties = pika.BasicProperties(headers={"id": 7})
        channel.basic_publish("", routing_key="mails", body="hello", properties=properties)
        [sent] = rabbitmq_double.named("mails")
        assert (sent.args, sent.kwargs) == ((b"hello",), {"exchange": "", "headers": {"id": 7}})
        method, shown, body = channel.basic_get("mails", auto_ack=True)
        assert (method.routing_key, shown.headers, body) == ("mails", {"id": 7}, b"hello")
        assert channel.basic_get("mails") == (None, None, None)

    def test_the_next_test_has_none(rabbitmq_double):
        assert rabbitmq_double.sent == []
        assert channel.basic_get("mails") == (None, None, None)

    def test_an_exchange_hands_on_to_what_is_bound():
        for kind, bound, key, taken in (
            ("fanout", "", "any", True),
            ("direct", "a", "a", True),
            ("direct", "a", "b", False),
            ("topic", "orders.*", "orders.new", True),
            ("topic", "orders.#", "orders", True),
            ("topic", "orders.*", "mails.new", False),
        ):
            name = f"{kind}-{bound}-{key}"
            channel.exchange_declare(exchange=name, exchange_type=kind)
            channel.queue_declare(name)
            channel.queue_bind(name, name, bound)
            channel.basic_publish(exchange=name, routing_key=key, body=b"x")
            assert (channel.basic_get(name)[2] is not None) is taken, name

    def test_aio_pika(rabbitmq_double):
        async def use():
            connection = await connect_robust("amqp://guest:guest@mq.example.com/")
            async with connection, connection.channel() as channel:
                await channel.set_qos(prefetch_count=1)
                events = await channel.declare_exchange("events", aio_pika.ExchangeType.TOPIC)
                queue = await channel.declare_queue("all")
                await queue.bind(events, routing_key="user.#")
                message = aio_pika.Message(b"hello", headers={"id": 7})
                await events.publish(message, routing_key="user.made.now")
                async with queue.iterator() as waiting:
                    async for one in waiting:
                        async with one.process():
                            assert (one.body, one.headers) == (b"hello", {"id": 7})
                        break
                with pytest.raises(aio_pika.exceptions.QueueEmpty):
                    await queue.get()

        asyncio.run(use())
        assert [sent.name for sent in rabbitmq_double.sent] == ["user.made.now"]
"""

STORAGE = """
    import asyncio
    import io

    import aioboto3
    import boto3
    import httpx
    import pytest
    import requests
    from botocore.config import Config
    from minio import Minio

    plain = boto3.client("s3")
    placed = boto3.client(
        "s3", endpoint_url="http://minio:9000", aws_access_key_id="a", aws_secret_access_key="b",
        region_name="eu-central-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
    )
    resource = boto3.resource("s3", endpoint_url="https://files.example.com")
    minio = Minio("minio:9000", "access", "secret", secure=True)
    AVATAR = {"Bucket": "avatars", "Key": "ada"}

    @pytest.mark.parametrize("time", [1, 2])
    def test_all_clients_see_the_same(object_storage, time):
        assert not minio.bucket_exists("avatars")
        minio.make_bucket("avatars")
        minio.put_object("avatars", "ada", io.BytesIO(b"png"), 3)
        assert placed.get_object(**AVATAR)["Body"].read() == b"png"
        resource.Bucket("avatars").put_object(Key="bob", Body=b"gif")
        assert plain.get_object(Bucket="avatars", Key="bob")["Body"].read() == b"gif"
        assert len(object_storage.list_objects(Bucket="avatars")["Contents"]) == 2

    def test_what_is_signed_can_be_asked_for(object_storage):
        object_storage.create_bucket(Bucket="avatars")
        put = placed.generate_presigned_url("put_object", Params=AVATAR)
        assert httpx.put(put, content=b"png").status_code == 200
        for url in (
            placed.generate_presigned_url("get_object", Params=AVATAR),
            minio.presigned_get_object("avatars", "ada"),
        ):
            assert httpx.get(url).content == requests.get(url, timeout=5).content == b"png"
        form = placed.generate_presigned_post("avatars", "bob")
        sent = requests.post(form["url"], data=form["fields"], files={"file": b"gif"}, timeout=5)
        assert sent.status_code == 204

    def test_an_asynchronous_client(object_storage):
        object_storage.create_bucket(Bucket="avatars")

        async def put_and_get():
            async with aioboto3.Session().client("s3", endpoint_url="http://minio:9000") as client:
                await client.put_object(**AVATAR, Body=b"png")
                return await (await client.get_object(**AVATAR))["Body"].read()

        assert asyncio.run(put_and_get()) == b"png"
"""


SEARCH = """
    import asyncio

    import meilisearch
    import pytest
    from elasticsearch import AsyncElasticsearch, Elasticsearch, NotFoundError, helpers
    from opensearchpy import OpenSearch, exceptions

    elastic = Elasticsearch("http://search.example.com:9200")
    opensearch = OpenSearch([{"host": "search.example.com", "port": 9200}])
    meili = meilisearch.Client("http://search.example.com:7700", "key")

    def test_elasticsearch(search_double):
        assert elastic.ping()
        assert not elastic.indices.exists(index="a")
        elastic.indices.create(index="a", mappings={"properties": {"title": {"type": "text"}}})
        elastic.index(index="a", id="1", document={"title": "Hello World"}, refresh=True)
        elastic.index(index="a", document={"title": "Bye"})
        helpers.bulk(elastic, [{"_index": "a", "_id": "9", "_source": {"title": "hello"}}])
        found = elastic.search(index="a", query={"bool": {"must": [{"match": {"title": "Hello"}}]}})
        assert [hit["_id"] for hit in found["hits"]["hits"]] == ["1", "9"]
        assert elastic.count(index="a")["count"] == 3
        elastic.update(index="a", id="1", doc={"seen": True})
        assert elastic.get(index="a", id="1")["_source"] == {"title": "Hello World", "seen": True}
        elastic.delete(index="a", id="1")
        assert len(search_double.documents("a")) == 2
        with pytest.raises(NotFoundError):
            elastic.get(index="a", id="1")
        with pytest.raises(NotFoundError):
            elastic.indices.get(index="z")

    def test_an_asynchronous_client(search_double):
        assert search_double.indices == {}

        async def found():
            async with AsyncElasticsearch("http://search.example.com:9200") as client:
                await client.index(index="a", id="1", document={"title": "x"})
                return await client.search(index="a", query={"match_all": {}})

        assert asyncio.run(found())["hits"]["total"]["value"] == 1

    def test_opensearch():
        opensearch.indices.create(index="a", body={"settings": {}})
        opensearch.indices.create(index="a", ignore=400)
        with pytest.raises(exceptions.RequestError):
            opensearch.indices.create(index="a")
        opensearch.index(index="a", id="1", body={"title": "hello"})
        query = {"query": {"multi_match": {"query": "hello", "fields": ["title"]}}}
        assert opensearch.search(index="a", body=query)["hits"]["total"]["value"] == 1
        there = [opensearch.exists(index="a", id=key) for key in ("1", "7")]
        assert there == [True, False]
        with pytest.raises(exceptions.NotFoundError):
            opensearch.get(index="a", id="7")

    def test_meilisearch(search_double):
        meili.create_index("movies", {"primaryKey": "id"})
        movies = meili.index("movies")
        task = movies.add_documents([{"id": 1, "title": "Carol"}, {"id": 2, "title": "Ran"}])
        assert meili.wait_for_task(task.task_uid).status == "succeeded"
        movies.update_filterable_attributes(["title"])
        assert [hit["id"] for hit in movies.search("carol")["hits"]] == [1]
        movies.delete_document(1)
        assert search_double.documents("movies") == [{"id": 2, "title": "Ran"}]

    def test_what_is_undone_is_gone_and_what_was_before_is_there(search_double):
        from test_harness.doubles import search

        search_double.indices["kept"] = {"1": {"id": 1}}
        with search.undone():
            search_double.indices["kept"]["1"]["id"] = 2
            search_double.indices["new"] = {}
        assert search_double.indices == {"kept": {"1": {"id": 1}}}
"""

MONGODB = """
    import asyncio

    from motor.motor_asyncio import AsyncIOMotorClient
    from pymongo import AsyncMongoClient, MongoClient

    ADDRESS = "mongodb://user:secret@mongo.example.com:27017/shop?retryWrites=true"
    client = MongoClient(ADDRESS, serverSelectionTimeoutMS=100)
    late = AsyncMongoClient("mongodb://mongo.example.com")
    motor = AsyncIOMotorClient("mongodb+srv://mongo.example.com/shop")

    def test_all_clients_see_the_same(mongodb_double):
        assert client.get_default_database().name == "shop"
        client.shop.orders.insert_one({"n": 1})
        client["shop"]["orders"].update_one({"n": 1}, {"$set": {"paid": True}})
        assert mongodb_double.shop.orders.count_documents({"paid": True}) == 1

        async def others():
            await late.shop.orders.insert_one({"n": 2})
            assert await motor.shop.orders.count_documents({}) == 2
            assert [order["n"] async for order in motor.shop.orders.find().sort("n")] == [1, 2]

        asyncio.run(others())

    def test_the_next_test_has_none():
        assert client.shop.orders.count_documents({}) == 0
        assert client.admin.command("ping")
"""

LDAP = """
    import pytest
    from ldap3 import ALL, SUBTREE, Connection, Server
    from ldap3.core.exceptions import LDAPBindError

    ADA = "cn=ada,ou=people,dc=example,dc=com"

    def login(password):
        server = Server("ldap.example.com", use_ssl=True, get_info=ALL)
        return Connection(server, ADA, password, auto_bind=True)

    def test_who_is_in_the_directory_gets_in(ldap_double):
        ldap_double.add(ADA, sn="Ada", mail=["ada@example.com"], userPassword="secret")
        with login("secret") as connection:
            connection.search("dc=example,dc=com", "(mail=ada@*)", SUBTREE, attributes=["mail"])
            [entry] = connection.entries
            assert entry.mail.value == "ada@example.com"
        with pytest.raises(LDAPBindError):
            login("wrong")
        with pytest.raises(ValueError, match="is in the directory already"):
            ldap_double.add(ADA, sn="Ada")

    def test_the_next_test_has_nobody(ldap_double):
        with pytest.raises(LDAPBindError):
            login("secret")
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("brokers") / ".venv"
    run(UV, "venv", "--quiet", "--python", sys.executable, folder, cwd=folder.parent)
    made = folder / "bin" / "python"
    wanted = [*PACKAGES, "--editable", str(ROOT)]
    run(UV, "pip", "install", "--quiet", "--python", made, *wanted, cwd=folder.parent)
    return made


@pytest.mark.parametrize(
    ("doubles", "test", "passed"),
    [
        (["celery"], CELERY, 5),
        (["redis", "rq"], RQ, 4),
        (["redis", "arq"], ARQ, 2),
        (["dramatiq"], DRAMATIQ, 2),
        (["rabbitmq"], RABBITMQ, 4),
        (["storage"], STORAGE, 4),
        (["search"], SEARCH, 5),
        (["mongodb"], MONGODB, 2),
        (["ldap"], LDAP, 2),
    ],
    ids=["celery", "rq", "arq", "dramatiq", "rabbitmq", "storage", "search", "mongodb", "ldap"],
)
def test_real_clients_are_answered(
    python: Path, tmp_path: Path, doubles: list[str], test: str, passed: int
) -> None:
    files = {"test_use.py": dedent(test), "jobs.py": dedent(JOBS)}
    build_tree(tmp_path, files)
    loaded = [part for name in doubles for part in ("-p", f"test_harness.doubles.{name}")]
    done = run(
        python, "-m", "pytest", "-q", "-p", "no:asyncio", "-p", "no:anyio", *loaded, "test_use.py",
        cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1].startswith(f"{passed} passed"), done.stdout
