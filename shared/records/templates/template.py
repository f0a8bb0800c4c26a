"""Report templates and their versions.

A template is a small record with a name, an owner and the number of its newest version. Each version is a record of its
own that never changes: reports name the version that they were written with.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar, Self

from shared.records.privacy import Encrypted, Internal, Plain
from shared.records.record import Keyset, Record, Stamp
from shared.records.report_type import ReportType
from shared.records.templates.content import TemplateContent
from shared.records.text import ShortText
from shared.records.types import Code, Id, Role

SHIPPED_PREFIX = "shipped-"
"""Of the ids of templates that ship with the product."""
PUBLIC = "public"
CLINICS = "clinics"
"""The shelf of the clinic's own templates that are not public yet: admins find them."""


def is_shipped(template_id: str) -> bool:
    """True for a template that ships with the product, and has no document."""
    return template_id.startswith(SHIPPED_PREFIX)


def shelves_of(doctor_id: str | None, *, is_public: bool) -> list[str]:
    """Where a template is found: with its owner, and with everybody once it is public."""
    return [doctor_id or CLINICS, *([PUBLIC] if is_public else [])]


class ReportTemplate(Record):
    """The structure of reports, and the instructions to the model: a doctor's own, or the clinic's."""

    kind: ClassVar[str] = "ReportTemplate"
    collection: ClassVar[str] = "templates"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    doctor_id: Plain[Id | None] = None
    """The doctor who owns it; null for a template of the clinic."""
    name: Encrypted[ShortText]
    is_active: Plain[bool] = True
    """False: no new visit may be started with it."""
    is_public: Plain[bool] = False
    """True: every doctor of the clinic may use and copy it."""
    report_type: Plain[ReportType | None] = None
    """The type of its reports; null: that of the visit."""
    version: Plain[int] = 1
    """The number of the newest version. A change of the content makes a version; earlier ones stay as they are."""
    parent_template_id: Plain[Id | None] = None
    parent_version: Plain[int | None] = None
    """The version of the parent that the newest version goes back to."""
    shelves: Internal[Plain[list[Code]]] = []

    @property
    def version_id(self) -> str:
        return version_id(self.id, self.version)

    def visible_to(self, user_id: str, roles: Collection[Role]) -> bool:
        """True if a user may read the template, and a doctor may use it."""
        if self.is_public or self.doctor_id == user_id:
            return True
        return self.doctor_id is None and Role.ADMIN in roles

    def changeable_by(self, user_id: str, roles: Collection[Role]) -> bool:
        """True if a user may change or hide the template: its owner; admins, what is public or the clinic's."""
        if is_shipped(self.id):
            return False
        if Role.ADMIN in roles and (self.is_public or self.doctor_id is None):
            return True
        return Role.DOCTOR in roles and self.doctor_id == user_id

    def at_version(
        self,
        version: TemplateVersion,
        stamp: Stamp,
        *,
        is_active: bool,
        is_public: bool,
        report_type: ReportType | None,
    ) -> Self:
        """The template with this newest version, active and public as said; itself if nothing differs."""
        return self.edited(
            stamp,
            name=version.content.name,
            version=version.number,
            parent_version=version.parent_version,
            is_active=is_active,
            is_public=is_public,
            report_type=report_type,
            shelves=shelves_of(self.doctor_id, is_public=is_public),
        )

    def hidden(self, stamp: Stamp) -> Self:
        """The deleted template. Its versions stay, for the reports that name them."""
        return self.revised(stamp, live=False)


class TemplateVersion(Record):
    """A version of a template. It never changes."""

    kind: ClassVar[str] = "TemplateVersion"
    collection: ClassVar[str] = "template_versions"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    template_id: Plain[Id]
    number: Plain[int]
    content: Encrypted[TemplateContent]
    parent_template_id: Plain[Id | None] = None
    parent_version: Plain[int | None] = None
    """The version of the parent that this version goes back to."""
    depth: Internal[Plain[int]] = 0
    """Number of ancestors of the template."""

    @classmethod
    def of(cls, template_id: str, number: int, content: TemplateContent, stamp: Stamp, **parent: object) -> Self:
        """A new version; `parent` is the version of the parent that it goes back to, and the depth."""
        id = version_id(template_id, number)
        return cls.new(id, stamp, template_id=template_id, number=number, content=content, **parent)

    def followed_by(self, content: TemplateContent, stamp: Stamp, **parent: object) -> Self:
        """The next version; of the same parent, at another version of it if that is named."""
        kept = {
            "parent_template_id": self.parent_template_id,
            "parent_version": self.parent_version,
            "depth": self.depth,
        }
        return self.of(self.template_id, self.number + 1, content, stamp, **{**kept, **parent})


def version_id(template_id: str, number: int) -> str:
    """The id of a version: no query is needed to find it."""
    return f"{template_id}-v{number}"
