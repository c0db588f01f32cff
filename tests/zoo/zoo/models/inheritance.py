"""Classes that share tables."""

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from zoo.base import Base


class Named:
    """A mixin."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 - as SQLAlchemy documents it
        return cls.__name__.lower()

    name: Mapped[str] = mapped_column(sa.String(30))


class Numbered(Base):
    """An abstract base."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)


class Mixed(Named, Numbered):
    weight: Mapped[int]


class Vehicle(Base):
    """Joined tables."""

    __tablename__ = "vehicles"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "vehicle"}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    wheels: Mapped[int]


class Car(Vehicle):
    __tablename__ = "cars"
    __mapper_args__ = {"polymorphic_identity": "car"}  # noqa: RUF012

    id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), primary_key=True)
    plate: Mapped[str] = mapped_column(sa.String(12), unique=True)


class Taxi(Car):
    __tablename__ = "taxis"
    __mapper_args__ = {"polymorphic_identity": "taxi"}  # noqa: RUF012

    id: Mapped[int] = mapped_column(ForeignKey("cars.id"), primary_key=True)
    licence: Mapped[str] = mapped_column(sa.String(20))


class Animal(Base):
    """One table for all."""

    __tablename__ = "animals"
    __mapper_args__ = {"polymorphic_on": "species", "polymorphic_abstract": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    species: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(20))


class Dog(Animal):
    __mapper_args__ = {"polymorphic_identity": "dog"}  # noqa: RUF012

    breed: Mapped[str | None] = mapped_column(sa.String(20))


class Cat(Animal):
    __mapper_args__ = {"polymorphic_identity": "cat"}  # noqa: RUF012

    lives: Mapped[int] = mapped_column(nullable=True)


class Visit(Base):
    """Refers to a class that has no rows of its own."""

    __tablename__ = "visits"

    id: Mapped[int] = mapped_column(primary_key=True)
    animal_id: Mapped[int] = mapped_column(ForeignKey("animals.id"))
    animal: Mapped[Animal] = relationship()


class Circle(Base):
    """Concrete tables."""

    __tablename__ = "circles"

    id: Mapped[int] = mapped_column(primary_key=True)
    radius: Mapped[int]


class Ring(Circle):
    __tablename__ = "rings"
    __mapper_args__ = {"concrete": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    radius: Mapped[int]
    width: Mapped[int]
