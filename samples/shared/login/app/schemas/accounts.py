"""Accounts over HTTP."""

from typing import Annotated

from pydantic import BaseModel, Field, SecretStr, ValidationInfo, field_validator

from app.passwords import check_strength
from app.schemas.users import Email

# The upper bound keeps a request from making the hasher chew on megabytes.
Password = Annotated[SecretStr, Field(max_length=128)]


class Credentials(BaseModel):
    """Who somebody says they are, and the proof."""

    email: Email
    password: Password


class Signup(Credentials):
    """A new user."""

    @field_validator("password")
    @classmethod
    def _strong(cls, password: SecretStr, info: ValidationInfo) -> SecretStr:
        check_strength(password.get_secret_value(), info.data.get("email", ""))
        return password


class MailSent(BaseModel):
    """The answer to whoever gives an address; what the address is to us is told only to it."""

    detail: str = "A mail was sent."


class Verification(BaseModel):
    """The token of the mail after a signup."""

    token: str


class ForgottenPassword(BaseModel):
    """Where to send the mail with which a new password can be set."""

    email: Email


class NewPassword(BaseModel):
    """A new password, and the token of that mail."""

    token: str
    password: Password

    @field_validator("password")
    @classmethod
    def _strong(cls, password: SecretStr) -> SecretStr:
        check_strength(password.get_secret_value(), email="")
        return password
