"""The tables of the app on SQLAlchemy, and its request."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, EmailStr
from sqlalchemy import DateTime, String, Text, Unicode
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy_utils.types.encrypted import encrypted_type

JSON = {"address", "emergency_contact", "insurance", "tags", "allergies", "current_medications"}
"""The fields that are kept as JSON."""


class New(BaseModel):
    """A registration."""

    first_name: str
    last_name: str
    date_of_birth: date
    gender: str | None = None
    primary_phone: str | None = None
    secondary_phone: str | None = None
    email: EmailStr | None = None
    address: dict[str, Any] | None = None
    occupation: str | None = None
    marital_status: str | None = None
    preferred_language: str | None = None
    emergency_contact: dict[str, Any] | None = None
    insurance: dict[str, Any] | None = None
    tags: list[str] = []
    blood_group: str | None = None
    allergies: list[str] = []
    medical_history: str | None = None
    current_medications: list[str] = []
    notes: str | None = None


class Base(DeclarativeBase):
    """The tables."""


def _sealed() -> Any:
    untyped: Any = encrypted_type
    column = untyped.StringEncryptedType(Unicode, "a key of the application", untyped.AesGcmEngine)
    return mapped_column(column, nullable=True)


def _hash() -> Any:
    return mapped_column(String(64), index=True, nullable=True)


class User(Base):
    """A caller."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    clinic: Mapped[str] = mapped_column(String(64))
    roles: Mapped[str] = mapped_column(String(100))
    disabled: Mapped[bool] = mapped_column(default=False)


class Patient(Base):
    """A patient: 19 sealed fields, and hashes of those that are looked for."""

    __tablename__ = "patients"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    clinic: Mapped[str] = mapped_column(String(64), index=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    owner_id: Mapped[str] = mapped_column(String(64), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    live: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    first_name: Mapped[str] = _sealed()
    last_name: Mapped[str] = _sealed()
    date_of_birth: Mapped[str] = _sealed()
    gender: Mapped[str] = _sealed()
    primary_phone: Mapped[str] = _sealed()
    secondary_phone: Mapped[str] = _sealed()
    email: Mapped[str] = _sealed()
    address: Mapped[str] = _sealed()
    occupation: Mapped[str] = _sealed()
    marital_status: Mapped[str] = _sealed()
    preferred_language: Mapped[str] = _sealed()
    emergency_contact: Mapped[str] = _sealed()
    insurance: Mapped[str] = _sealed()
    tags: Mapped[str] = _sealed()
    blood_group: Mapped[str] = _sealed()
    allergies: Mapped[str] = _sealed()
    medical_history: Mapped[str] = _sealed()
    current_medications: Mapped[str] = _sealed()
    notes: Mapped[str] = _sealed()
    first_name_hash: Mapped[str] = _hash()
    last_name_hash: Mapped[str] = _hash()
    full_name_hash: Mapped[str] = _hash()
    phone_hash: Mapped[str] = _hash()
    email_hash: Mapped[str] = _hash()
    birth_hash: Mapped[str] = _hash()

    def shown(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in New.model_fields}
        read = {name: json.loads(value) if name in JSON and value else value for name, value in values.items()}
        times = {"created_at": self.created_at.isoformat(), "updated_at": self.updated_at.isoformat()}
        return {**read, "id": self.id, "number": self.number, "owner_id": self.owner_id, **times}


class Counter(Base):
    """The patients of a clinic."""

    __tablename__ = "counters"
    clinic: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]


class Entry(Base):
    """An entry of the audit trail."""

    __tablename__ = "audit"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    patients: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(String(64))


class Kept(Base):
    """The answer to a request that may be sent again."""

    __tablename__ = "kept"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = _sealed()
    expires: Mapped[datetime] = mapped_column(DateTime(timezone=True))
