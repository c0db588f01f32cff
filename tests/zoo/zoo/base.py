"""The bases of the zoo: a plain one, and one of dataclasses, on the same metadata."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

metadata = MetaData()


class Base(DeclarativeBase):
    metadata = metadata


class DataBase(MappedAsDataclass, DeclarativeBase):
    metadata = metadata
