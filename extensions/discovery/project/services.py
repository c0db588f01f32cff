"""The services that the application reaches for: caches, queues, mail, storage."""

from __future__ import annotations

from ..code.patterns import first_places
from ..code.source import Source
from ..findings import Finding

_SERVICES = {
    "redis": rb"(?:Redis|StrictRedis|from_url|ConnectionPool|create_pool|init_redis)\(|aioredis",
    "celery": rb"\bCelery\(",
    "elasticsearch": rb"(?:Async)?Elasticsearch\(",
    "mongodb": rb"MongoClient\(|AsyncIOMotorClient\(",
    "rabbitmq": rb"aio_pika\.connect|BlockingConnection\(|RabbitBroker\(|amqp://",
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


def services(source: Source) -> dict[str, Finding]:
    """Return each service with its place; at import when the line is at the top level."""
    return first_places(source, _SERVICES)
