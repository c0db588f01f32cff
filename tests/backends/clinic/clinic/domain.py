from dataclasses import dataclass


@dataclass
class Doctor:
    email: str
    password_hash: str
    id: int | None = None


@dataclass
class Patient:
    name: str
    doctor_id: int
    id: int | None = None
