"""Organisations over HTTP."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from typing_extensions import TypedDict

from app.schemas.common import Name, Shown


class OrganisationCreate(BaseModel):
    """A new organisation."""

    name: Name


class OrganisationUpdate(TypedDict, total=False):
    """The fields to change; one that is left out stays as it is."""

    name: Name


class OrganisationRead(Shown):
    """An organisation as its readers see it."""

    id: UUID
    name: str
    created_at: datetime
