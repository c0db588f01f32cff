"""Pictures that people upload: which are kept."""

from app.errors import TooLarge, UnsupportedType

MAX_BYTES = 50_000

# What a file begins with tells its type; what the sender says of it does not.
SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def content_type(content: bytes) -> str:
    """Return the type of a picture. Raises TooLarge, and UnsupportedType for anything else."""
    if len(content) > MAX_BYTES:
        raise TooLarge(f"A picture has at most {MAX_BYTES} bytes.")
    for signature, name in SIGNATURES.items():
        if content.startswith(signature):
            return name
    raise UnsupportedType("A picture is a PNG or a JPEG file.")
