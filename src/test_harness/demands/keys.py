"""A pair of keys that is the same wherever it is made, and so nobody's secret."""

from __future__ import annotations

import hashlib
from functools import cache

_EXPONENT = 65537
_BITS = 1024
_SMALL = [number for number in range(3, 1000) if all(number % it for it in range(2, number))]


@cache
def key_pair() -> tuple[str, str]:
    """Return a private key for RSA and its public one, both in PEM.

    Raises:
        ImportError: The package `cryptography` is not installed.
    """
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    p, q = _prime("p"), _prime("q")
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(_EXPONENT, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    key = numbers.private_key()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    shown = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), shown.decode()


def _prime(name: str) -> int:
    """Return the first prime after a number that is made of a name."""
    start = hashlib.shake_256(f"only for tests: {name}".encode()).digest(_BITS // 8)
    # The highest two bits make a product of two of them as long as it is meant to be.
    number = int.from_bytes(start, "big") | 3 << (_BITS - 2) | 1
    while not _is_prime(number):
        number += 2
    return number


def _is_prime(number: int) -> bool:
    """Tell whether a large number is prime, as Miller and Rabin do."""
    if any(number % small == 0 for small in _SMALL):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in _SMALL[:12]:
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        if not any((power := power * power % number) == number - 1 for _ in range(twos - 1)):
            return False
    return (number - 1) % _EXPONENT != 0
