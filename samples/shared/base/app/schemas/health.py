"""The application's own state, over HTTP."""

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    """The application works, and so does its database."""

    status: Literal["ok"] = "ok"
