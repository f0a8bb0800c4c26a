"""/api/v1/clinic"""

from __future__ import annotations

from typing import Annotated

from shared.lazily import lazily
from shared.records.problems import Conflict
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import ADMINS, ANYONE, FRONT_DESK
from shared.web.serialization import Document
from shared.web.signatures import RawBody

with lazily(globals()):
    from shared.records.billing.provider import PaymentProvider, ProviderUpdate
    from shared.records.billing.reminder_policy import PaymentReminderPolicy, PaymentReminderUpdate
    from shared.records.clinic.settings import ClinicSettings
    from shared.records.clinic.settings_change import SettingsChange
    from shared.records.page import Page, PageQuery
    from shared.records.reminders.policy import ReminderPolicy, ReminderPolicyUpdate
    from shared.records.version import SettingsVersion
    from shared.workflows.billing import providers, reminder_policy
    from shared.workflows.clinic import logo, own_settings
    from shared.workflows.reminders import policies

api = Api("clinic")
IN_USE = frozenset({Conflict})


@api.get("/", roles=ANYONE)
def get(clinic: Clinic) -> ClinicSettings:
    """Get the clinic's settings.

    Everybody of the clinic reads all of them: they are printed on what the clinic issues, or rule what each role does.
    """
    return own_settings.get(clinic)


@api.put("/", roles=ADMINS, alias_of="PATCH /clinic", problems=IN_USE)
@api.patch("/", roles=ADMINS, problems=IN_USE)
def change(clinic: Clinic, changes: SettingsChange) -> ClinicSettings:
    """Change the clinic's settings. What is issued, signed or agreed stays as it is.

    Everything that is wrong is named at once. 409 `settings_in_use` if that is only what other records still use:
    `errors` names each setting with the reason. The operator alone sets `signing_requires_second_factor` and
    `trainees_need_cosignature`; `default_template_id` is set by `POST /templates/{id}/default`, the messages to
    patients by `PUT /clinic/reminders` and `PUT /clinic/payment-reminders`.
    """
    return own_settings.change(clinic, changes)


@api.get("/versions", roles=ADMINS)
def versions(clinic: Clinic, page: PageQuery) -> Page[SettingsVersion]:
    """List the changes of the settings, newest first: who made them, when, and the values before.

    Those of the policy of payment reminders are among them, with `policy`. Of a logo the digest is listed. A change by
    the operator is made by `system`.
    """
    return own_settings.versions(clinic, page)


@api.get("/logo", roles=ANYONE)
def get_logo(clinic: Clinic) -> Annotated[Document, "image/png", "image/jpeg"]:
    """Get the clinic's logo, as it is printed where the doctor has none. The ETag is that of the settings."""
    content, media_type, revision = logo.get(clinic)
    return Document(content, media_type, "logo", revision)


@api.put("/logo", roles=ADMINS)
def put_logo(
    clinic: Clinic, picture: Annotated[bytes, RawBody(("image/png", "image/jpeg"), 5_000_000)]
) -> ClinicSettings:
    """Set the clinic's logo; If-Match is that of the settings.

    What is kept is a picture of at most 600 by 300 pixels, without whatever else was in the file.
    """
    return logo.put(clinic, picture)


@api.delete("/logo", roles=ADMINS, status=204)
def delete_logo(clinic: Clinic) -> None:
    """Print no logo of the clinic any more; If-Match is that of the settings."""
    logo.delete(clinic)


@api.get("/reminders", roles=FRONT_DESK)
def get_reminders(clinic: Clinic) -> ReminderPolicy:
    """Get what the clinic sends to patients about their appointments.

    404 until an admin has set it: nothing is sent then.
    """
    return policies.get(clinic)


@api.put("/reminders", roles=ADMINS, requires_if_match=False)
def put_reminders(clinic: Clinic, update: ReminderPolicyUpdate) -> ReminderPolicy:
    """Set what the clinic sends to patients about their appointments: without If-Match the first time.

    Own texts are checked now, not when they are sent: slots, length, links, words that tell of health, and what Indian
    networks refuse. A change takes effect for reminders that are due in 3 hours or later, and at once for those that
    it no longer has.
    """
    return policies.put(clinic, update)


@api.get("/payment-reminders", roles=FRONT_DESK)
def get_payment_reminders(clinic: Clinic) -> PaymentReminderPolicy:
    """Get when and how the clinic reminds patients of overdue bills.

    404 until an admin has set it: nobody is reminded then, unless a person does it.
    """
    return reminder_policy.get(clinic)


@api.put("/payment-reminders", roles=ADMINS, requires_if_match=False)
def put_payment_reminders(clinic: Clinic, update: PaymentReminderUpdate) -> PaymentReminderPolicy:
    """Set when and how the clinic reminds patients of overdue bills: without If-Match the first time.

    A change takes effect with the next run, within an hour. No reminder that was sent is sent again, and no bill is
    reminded of that is overdue for more than two days longer than the last of `days_after_due`.
    """
    return reminder_policy.put(clinic, update)


@api.get("/payment-provider", roles=ADMINS)
def get_payment_provider(clinic: Clinic) -> PaymentProvider:
    """Get the clinic's account at its payment provider, without the secrets. 404 until an admin has connected one."""
    return providers.get(clinic)


@api.put("/payment-provider", roles=ADMINS, requires_if_match=False)
def put_payment_provider(clinic: Clinic, update: ProviderUpdate) -> PaymentProvider:
    """Connect the clinic's account at its payment provider, or change its keys.

    The secrets are stored encrypted, and no answer has them. Events that were signed with the webhook secret before are
    accepted for two days more.
    """
    return providers.put(clinic, update)


main = api.function()
