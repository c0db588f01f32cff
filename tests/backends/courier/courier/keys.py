from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def make_pair(private: Path, public: Path) -> None:
    """Make the keys for development."""
    private.parent.mkdir(exist_ok=True)
    key = rsa.generate_private_key(65537, 2048)
    kind, encoding = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    private.write_bytes(key.private_bytes(encoding, kind, serialization.NoEncryption()))
    shown = serialization.PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(encoding, shown))
