from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import registry

from clinic.domain import Doctor, Patient

mapper_registry = registry()

doctors = Table(
    "doctors",
    mapper_registry.metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(200), unique=True),
    Column("password_hash", String(200)),
)
patients = Table(
    "patients",
    mapper_registry.metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200)),
    Column("doctor_id", ForeignKey("doctors.id")),
)

mapper_registry.map_imperatively(Doctor, doctors)
mapper_registry.map_imperatively(Patient, patients)
