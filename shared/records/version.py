"""Earlier versions of a record: which fields a person changed, and their values before.

A version is written in the commit of the change. A record type opts in by `Record.versioned`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from shared.records.privacy import Clinical, Encrypted, Plain, fields_of
from shared.records.record import Keyset, R, Record, Stamp, patient_of
from shared.records.types import Id, Moment


class Version(Record):
    """A change of a record: who made it, when, and the earlier values of the fields that it changed."""

    kind: ClassVar[str] = "Version"
    collection: ClassVar[str] = "versions"

    record_id: Plain[Id]
    """The record that was changed."""
    revision: Plain[int]
    """The revision of the record that the change made."""
    created_at: Plain[Moment]
    """When the change was made."""
    created_by: Plain[Id]
    """Who made the change: a user id."""
    before: Encrypted[dict[str, Any]]
    """The values before the change, by the name of each changed field, as the record showed them."""
    clinical_before: Clinical[Encrypted[dict[str, Any]]]
    """As `before`, for the fields of the record that are clinical."""

    @classmethod
    def is_kept(cls, document: Mapping[str, Any]) -> bool:
        """True for a change of the patient; those of visits and drafts are hidden with these."""
        changed = str(document.get("record_id"))
        return changed == patient_of(changed)

    @classmethod
    def of(cls, before: R, after: R, stamp: Stamp) -> Version | None:
        """The version that a change leaves; None if no field changed that a person sees."""
        changed = changed_fields(before, after)
        if not changed:
            return None
        clinical = fields_of(type(before)).clinical | before.clinical_once_changed
        return cls.new(
            f"{before.id}-v{after.revision}",
            stamp,
            record_id=before.id,
            revision=after.revision,
            before=before.model_dump(mode="json", include=set(changed - clinical)),
            clinical_before=before.model_dump(mode="json", include=set(changed & clinical)),
        )


class SettingsVersion(Record):
    """A change of the clinic's settings or policies: who made it, when, and the earlier values of what it changed."""

    kind: ClassVar[str] = "SettingsVersion"
    collection: ClassVar[str] = "settings_versions"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    policy: Plain[Id | None] = None
    """Null for the settings themselves; `payment_reminders` for what `PUT /clinic/payment-reminders` sets."""
    revision: Plain[int]
    """The revision of the settings, or of the policy, that the change made."""
    created_at: Plain[Moment]
    """When the change was made."""
    created_by: Plain[Id]
    """Who made the change: a user id, or `system` for the platform's operator."""
    before: Encrypted[dict[str, Any]]
    """The values before the change, by the name of each changed field, as `GET` showed them."""

    @classmethod
    def of(cls, before: R, after: R, stamp: Stamp) -> SettingsVersion | None:
        """The version that a change leaves; None if no field changed that a person sees."""
        changed = changed_fields(before, after)
        if not changed:
            return None
        values = before.model_dump(mode="json", include=set(changed))
        policy = before.id if before.collection else None  # the settings are the clinic's own document
        return cls.new(f"{before.id}-v{after.revision}", stamp, policy=policy, revision=after.revision, before=values)


def version_of(before: R, after: R, stamp: Stamp) -> Version | SettingsVersion | None:
    """The version that a change of a record leaves, sealed with a key that lives as long as the record's."""
    kept = SettingsVersion if after.keyset == Keyset.CLINIC else Version
    return kept.of(before, after, stamp)


def changed_fields(before: R, after: R) -> frozenset[str]:
    """The names of the fields that differ between two versions of a record.

    Neither internal fields nor those that every record has: revision, author and time change with every change.
    """
    model = type(before)
    visible = model.model_fields.keys() - Record.model_fields.keys() - fields_of(model).internal
    return frozenset(name for name in visible if getattr(before, name) != getattr(after, name))
