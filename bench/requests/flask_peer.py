"""The way of the customer's specification: Flask, SQLAlchemy, encrypted columns and columns of hashes.

A request verifies the ID token and reads its user. A registration looks for duplicates and a kept answer, counts up the
number, and writes the patient, the kept answer and the audit entry in one transaction. `PEER_DATABASE` is the URL of
the database, whose tables are created; `PEER_KEY` the file of the public key that verifies the tokens.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flask import Flask, Response, jsonify, request
from sqlalchemy import create_engine, event, or_, select
from sqlalchemy.orm import Session

from bench.requests.flask_tables import JSON, Base, Counter, Entry, Kept, New, Patient, User

_PROJECT = "demo-synapse"
_DATABASE = os.environ["PEER_DATABASE"]
_PUBLIC: Any = load_pem_public_key(Path(os.environ["PEER_KEY"]).read_bytes())

app = Flask(__name__)
engine = create_engine(_DATABASE)


@app.get("/api/v1/patients/<id>")
def get(id: str) -> Response:
    with Session(engine, expire_on_commit=False) as session:
        user = _caller(session)
        found = session.scalars(
            select(Patient).where(Patient.id == id, Patient.clinic == user.clinic, Patient.live)
        ).one()
        session.add(_entry(user, "read", id))
        session.commit()
        return jsonify(found.shown())


@app.post("/api/v1/patients")
def register() -> Response:
    new = New.model_validate_json(request.get_data())
    with Session(engine, expire_on_commit=False) as session:
        user = _caller(session)
        key = _hashed(user.id + request.headers["Idempotency-Key"])
        kept = session.get(Kept, key)
        if kept is not None:
            return app.response_class(kept.body, content_type="application/json")
        if session.scalar(_alike(new, user.clinic)):
            return app.response_class(status=409)
        counter = session.get_one(Counter, user.clinic, with_for_update=True)
        counter.count += 1
        patient = _registered(new, user, counter.count)
        body = json.dumps(patient.shown())
        expires = datetime.now(UTC) + timedelta(days=1)
        session.add_all([patient, Kept(key=key, body=body, expires=expires), _entry(user, "register", patient.id)])
        session.commit()
        return app.response_class(body, status=201, content_type="application/json")


@app.patch("/api/v1/patients/<id>")
def change(id: str) -> Response:
    with Session(engine, expire_on_commit=False) as session:
        user = _caller(session)
        found = session.scalars(select(Patient).where(Patient.id == id, Patient.clinic == user.clinic)).one()
        for name, value in request.get_json().items():
            setattr(found, name, value)
        found.revision += 1
        found.updated_at = datetime.now(UTC)
        session.add(_entry(user, "change", id))
        session.commit()
        return jsonify(found.shown())


def _caller(session: Session) -> User:
    token = request.headers["Authorization"].removeprefix("Bearer ")
    issuer = f"https://securetoken.google.com/{_PROJECT}"
    claims = jwt.decode(token, _PUBLIC, algorithms=["RS256"], audience=_PROJECT, issuer=issuer)
    user = session.get_one(User, claims["sub"])
    if user.disabled:
        raise PermissionError
    return user


def _alike(new: New, clinic: str) -> Any:
    name = _hashed(f"{new.first_name} {new.last_name}")
    same_person = (Patient.full_name_hash == name) & (Patient.birth_hash == _hashed(new.date_of_birth.isoformat()))
    phone = Patient.phone_hash == _hashed(new.primary_phone or "")
    return select(Patient.id).where(Patient.clinic == clinic, or_(phone, same_person))


def _registered(new: New, user: User, count: int) -> Patient:
    values: Mapping[str, Any] = new.model_dump(mode="json")
    now = datetime.now(UTC)
    return Patient(
        id=secrets.token_hex(10),
        clinic=user.clinic,
        number=f"PAT-{count:08d}",
        owner_id=user.id,
        revision=1,
        live=True,
        created_at=now,
        updated_at=now,
        first_name_hash=_hashed(new.first_name),
        last_name_hash=_hashed(new.last_name),
        full_name_hash=_hashed(f"{new.first_name} {new.last_name}"),
        phone_hash=_hashed(new.primary_phone or ""),
        email_hash=_hashed(new.email or ""),
        birth_hash=_hashed(values["date_of_birth"]),
        **{name: json.dumps(value) if name in JSON else value for name, value in values.items()},
    )


def _entry(user: User, action: str, patients: str) -> Entry:
    address = request.remote_addr or ""
    at = datetime.now(UTC)
    return Entry(id=secrets.token_hex(16), at=at, actor=user.id, action=action, patients=patients, address=address)


def _hashed(text: str) -> str:
    return hashlib.sha256(text.strip().lower().encode()).hexdigest()


if _DATABASE.startswith("sqlite"):

    @event.listens_for(engine, "connect")
    def _use_journal(connection: Any, _: object) -> None:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")


Base.metadata.create_all(engine)
with Session(engine) as first:
    first.add_all([User(id="demo-doctor", clinic="demo", roles="doctor"), Counter(clinic="demo", count=0)])
    first.commit()
