"""The services that the application reaches for: caches, queues, mail, storage."""

from __future__ import annotations

import re

from ..code.patterns import first_places
from ..code.source import Source
from ..findings import Finding

_SERVICES = {
    "redis": rb"(?:Redis|[rR]edis\.from_url|redis\.ConnectionPool|init_redis)\(|aioredis",
    "rq": rb"\bQueue\([^()\n]*connection=",
    "arq": rb"\bRedisSettings\b",
    "dramatiq": rb"\bdramatiq\.(?:actor|set_broker)",
    "celery": rb"\bCelery\(",
    "elasticsearch": rb"(?:Async)?Elasticsearch\(",
    "mongodb": rb"MongoClient\(|AsyncIOMotorClient\(",
    "rabbitmq": rb"aio_pika\.connect|\bconnect_robust\(|BlockingConnection\(",
    "amqp": rb"RabbitBroker\(|amqp://",
    "kafka": rb"Kafka(?:Producer|Consumer|Broker)\(",
    "s3": rb"boto3\.(?:client|resource|Session)\(|Minio\(|get_session\(\)\.create_client",
    "smtp": rb"smtplib\.SMTP|aiosmtplib|FastMail\(|\bMail\(|ConnectionConfig\("
    rb"|\bemails\.(?:Message|html)\(|EmailMessage\(|MIMEMultipart\(|MIMEText\(",
    "sentry": rb"sentry_sdk\.init\(",
    "ldap": rb"ldap3?\.(?:initialize|Connection)|\bLDAPManager\(",
    "openai": rb"(?:Async)?OpenAI\(",
    "stripe": rb"stripe\.api_key",
    "firebase": rb"firebase_admin\.initialize_app\(",
}

# What other code calls so as well: settings of a cache are `RedisSettings` in many a backend.
_IMPORTED = {
    "arq": re.compile(rb"(?m)^\s*(?:from|import) arq\b"),
    "rq": re.compile(rb"(?m)^\s*(?:from|import) \w*rq2?\b"),
}


def services(source: Source) -> dict[str, Finding]:
    """Return each service with its place; at import when the line is at the top level."""
    found = first_places(source, _SERVICES)
    for name, imports in _IMPORTED.items():
        modules = source.having(name.encode(), most_aside=0) if name in found else []
        if not any(imports.search(module.data) for module in modules):
            found.pop(name, None)
    return found
