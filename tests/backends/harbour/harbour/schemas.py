from datetime import date
from typing import Annotated, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints, model_validator

from harbour.models import Role

Item = TypeVar("Item")
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^\x00]*$")]
Key = Annotated[int, Field(gt=0, le=2**31 - 1)]
Length = Annotated[int, Field(gt=0, le=500)]


class Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Page(Schema, Generic[Item]):
    items: list[Item]
    total: int


class Token(Schema):
    access_token: str
    token_type: str = "bearer"  # noqa: S105


class Registration(Schema):
    email: EmailStr
    password: str = Field(min_length=10, max_length=128)


class UserOut(Schema):
    id: int
    email: str
    role: Role


class BerthIn(Schema):
    code: Annotated[Text, Field(max_length=10)]
    length_m: Length


class BerthOut(BerthIn):
    id: int


class VesselIn(Schema):
    name: Annotated[Text, Field(max_length=80)]
    registration: Annotated[Text, Field(max_length=20)]
    length_m: Length


class VesselOut(VesselIn):
    id: int
    owner_id: int


class BookingIn(Schema):
    vessel_id: Key
    berth_id: Key
    arrives: date
    leaves: date

    @model_validator(mode="after")
    def check_period(self) -> Self:
        if self.leaves <= self.arrives:
            message = "leaves has to be after arrives"
            raise ValueError(message)
        return self


class BookingOut(Schema):
    id: int
    vessel_id: int
    berth_id: int
    arrives: date
    leaves: date
