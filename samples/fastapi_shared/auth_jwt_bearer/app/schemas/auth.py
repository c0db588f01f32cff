"""Logging in and out, over HTTP."""

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


class SignupAccepted(BaseModel):
    """The answer to every signup: it does not tell whether the address was known before."""

    detail: str = "You can log in, unless the address already had an account."


class Refresh(BaseModel):
    """A refresh token, to be traded for a new pair."""

    refresh_token: str


class TokenPair(BaseModel):
    """An access token for requests, and a refresh token for the next pair."""

    access_token: str
    refresh_token: str
    token_type: str
