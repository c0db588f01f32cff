"""What gets in the way of a test's request, and which services the application reaches for."""

from __future__ import annotations

import re

from ..code.source import Source
from ..findings import Finding

_OBSTACLES = {
    "csrf": rb"CSRFProtect\w*\(|CSRFProtectMiddleware|CsrfProtect|CSRFMiddleware|CSRFConfig\("
    rb"|FlaskForm\b|csrf_protect|JWT_COOKIE_CSRF_PROTECT\W{1,5}True",
    "rate_limit": rb"\bLimiter\(|RateLimiter\(|RateLimitMiddleware|RateLimitConfig\("
    rb"|limiter\.limit\(|SlowAPIMiddleware|throttl\w+\(",
    "trusted_hosts": rb"TrustedHostMiddleware|AllowedHostsConfig|\bSERVER_NAME\b\W",
    "captcha": rb"(?i)\b\w*captcha\w*\(|turnstile",
}
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
_TOP = re.compile(rb"^(?!def |async def |class |@|#|import |from |\s)[^\n]*", re.M)


def _words(expression: bytes) -> re.Pattern[bytes]:
    """Return a pattern of the names that a pattern of code begins with or has."""
    names = re.findall(rb"[A-Za-z_]{4,}", expression.replace(b"\\w", b" ").replace(b"\\b", b" "))
    flags = re.I if b"(?i)" in expression else 0
    return re.compile(b"|".join(sorted(set(names))), flags)


class Surroundings:
    """Finds obstacles and services in the modules of the application.

    Attributes:
        obstacles: CSRF, rate limits, trusted hosts, captchas, each with its place.
        services: Services, each with its place; at import when the line is at the top level.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.obstacles = self._find(_OBSTACLES)
        self.services = self._find(_SERVICES)

    def _find(self, wanted: dict[str, bytes]) -> dict[str, Finding]:
        found: dict[str, Finding] = {}
        for name, expression in wanted.items():
            pattern = re.compile(expression)
            for module in self.source.containing(_words(expression), most_aside=0):
                known = found.get(name)
                if not self.source.live(module):
                    continue
                if known is not None and known.note:
                    break
                for match in pattern.finditer(module.data):
                    start = module.data.rfind(b"\n", 0, match.start()) + 1
                    line = module.data[start : match.end()]
                    if line.lstrip().startswith((b"#", b"import ", b"from ", b"class ")):
                        continue
                    note = "at import" if _TOP.match(line) else ""
                    if known is None or note:
                        shown = match.group(0).decode("utf-8", "replace").rstrip("(")
                        known = found[name] = Finding(
                            shown, module.at(match.start()), "medium", note=note
                        )
                    if note:
                        break
        return found
