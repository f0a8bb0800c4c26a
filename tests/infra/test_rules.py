"""Every rule finds its fault: each fault is planted into a copy of infra/, planned, and must be reported by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from infra.check import functions, indexes, permissions, roles
from infra.check.deployment import Deployment, deployment
from infra.check.plan import Plan
from infra.check.reachability import Program
from infra.check.rules import faults
from infra.check.terraform import Terraform, TerraformError
from shared import settings
from shared.variables import Secret
from tests.support.thorough import sample

pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Plant:
    """A planted fault: in a file, the first `old` after `within` is replaced with `new`."""

    fault: str
    """The beginning of the reported fault."""
    file: str
    within: str
    old: str
    new: str
    also: frozenset[str] = frozenset()
    """The names of other faults that follow from it."""

    def apply(self, folder: Path) -> None:
        """Change the file. Raises ValueError if it lacks the text; then the plant must be updated."""
        file = folder / self.file
        text = file.read_text()
        start = text.index(self.old, text.index(self.within))
        file.write_text(f"{text[:start]}{self.new}{text[start + len(self.old) :]}")


def also(*names: str) -> frozenset[str]:
    return frozenset(names)


AUDIO = 'resource "google_storage_bucket" "audio"'
RESULTS = 'resource "google_storage_bucket" "results"'
EXPORTS = 'resource "google_storage_bucket" "exports"'
PIECES = 'resource "google_storage_bucket" "pieces"'
FUNCTION = 'resource "google_cloudfunctions2_function" "function"'
INVOKER = 'resource "google_cloud_run_v2_service_iam_member" "invoker"'
CLINICS = 'resource "google_kms_crypto_key" "clinics"'
TICK = 'resource "google_cloud_scheduler_job" "tick"'

OIDC = """    oidc_token {
      service_account_email = google_service_account.schedules.email
      audience              = local.function_urls[each.key]
    }
"""

ALONE = [
    Plant("missing index: reports (collection_group)", "firestore.yaml", "indexes:",
          "{ collection: reports, scope: COLLECTION_GROUP", "{ collection: reports, scope: COLLECTION",
          also("unused index")),
    Plant("unset variable: sessions needs AUDIO_BUCKET", "functions.yaml", "  Recordings:", ", AUDIO_BUCKET", "",
          also("missing role", "excess role", "wrong trigger path", "wrong trigger region")),
    Plant("schedule without OIDC: sweep_stalled", "schedules.tf", TICK, OIDC, "",
          also("wrong invoker", "wrong caller", "wrong identity")),
]  # fmt: skip
"""Planned one by one, because other faults follow from them."""

TOGETHER = {
    "exposure": [
        Plant("unused index", "firestore.yaml", "", "indexes:",
              "indexes:\n  - { collection: bills, scope: COLLECTION, equal: [live], order: [status] }"),
        Plant("public bucket: google_storage_bucket.audio", "buckets.tf", AUDIO, '"enforced"', '"inherited"'),
        Plant("symmetric key without rotation: google_kms_crypto_key.clinics", "kms.tf", CLINICS,
              "  rotation_period            = local.ninety_days\n", ""),
        Plant("wrong trigger path: on_session_completed: document", "events.tf", "",
              "= function.document", '= "${function.document}/recordings/{recording}"'),
        Plant("wrong event type: on_session_completed", "functions.tf", "event_trigger",
              "each.value.event", 'replace(each.value.event, "written", "created")'),
        Plant("missing role: reports needs roles/cloudkms.signer", "functions.yaml", "  reports:\n    kind: http",
              ", report_signing,", ","),
        Plant("missing role: patients needs roles/cloudkms.publicKeyViewer", "functions.yaml", "  patients:",
              ", report_verification]", "]"),
        Plant("excess role: bills has custom: aiplatform.endpoints.predict", "functions.yaml", "  bills:",
              "queue.messages]", "queue.messages, gemini]"),
        Plant("function without ingress restriction: write_report", "functions.tf", FUNCTION,
              '"ALLOW_INTERNAL_ONLY"', '"ALLOW_ALL"'),
        Plant("event function that anyone may invoke: on_audio_uploaded", "functions.tf", INVOKER,
              '"serviceAccount:${local.invokers[each.value.kind].email}"', '"allUsers"'),
        Plant("route drift: /api/v1/bills goes to nothing", "loadbalancer.tf", "routes = concat",
              'full = "${local.api_prefix}', 'full = "${name == "bills" ? "/api" : local.api_prefix}'),
    ],
    "waits": [
        Plant("no wait for a grant: google_storage_bucket.audio may come before google_kms_crypto_key_iam_member",
              "buckets.tf", AUDIO, "[terraform_data.keys_in_effect]",
              "[google_kms_crypto_key_iam_member.storage_agents]"),
        Plant("no wait for a grant: google_cloudfunctions2_function.function may come before google_project_iam_member",
              "waits.tf", "grants_in_effect", "      google_project_iam_member.event_agent.id,\n", ""),
    ],
    "limits": [
        Plant("API not enabled: events need eventarcpublishing", "apis.txt", "",
              "eventarcpublishing.googleapis.com", "# eventarcpublishing"),
        Plant("API not enabled: google_monitoring_dashboard needs monitoring", "apis.txt", "",
              "monitoring.googleapis.com", "# monitoring"),
        Plant("function beyond the quota: bills", "catalogue.tf", "max_instances = var", ": 3", ": 11"),
        Plant("rate beyond the limit: rule 2147483646 counts to 20000", "armor.tf", "ban_threshold",
              "count        = var.requests_per_minute * local.ban_seconds / 60", "count        = 20000"),
        Plant("description beyond the limit: rule 4010", "armor.tf", "", "Events of the payment provider a minute",
              "Events of the payment provider, which sends those of all clinics, a minute"),
        Plant("metric of an unnamed resource: google_monitoring_dashboard.operations reads firestore_googleapis_com",
              "dashboard.tf", "Firestore: documents",
              '{monitored_resource=\\"firestore.googleapis.com/Database\\"}', ""),
        Plant('metric of an unnamed resource: google_monitoring_alert_policy.metric["events_late"]', "alerts.tf", "",
              'message_age{monitored_resource=\\"pubsub_subscription\\"}', "message_age"),
    ],
    "routes": [
        Plant("route never used: /api/v1/sessions/*/audio comes after", "loadbalancer.tf", "route_rules",
              "priority = route_rules.key", "priority = 100 - route_rules.key"),
    ],
    "runtime": [
        Plant("wrong function: write_report", "functions.tf", FUNCTION, "= each.value.timeout", "= 60"),
        Plant("excess variable: bills gets KMS_ENDPOINT", "functions.tf", FUNCTION, "local.environment_of[each.key]",
              'merge(local.environment_of[each.key], { KMS_ENDPOINT = "127.0.0.1:1" })'),
        Plant("wrong value: check_transcription: CHECK_AFTER_SECONDS", "catalogue.tf", "", '"60"', '"soon"'),
        Plant("trigger without retry", "functions.tf", "event_trigger", '_RETRY"', '_DO_NOT_RETRY"'),
        Plant("wrong trigger region: on_audio_uploaded", "events.tf", "",
              "can(function.bucket) ? var.region", 'can(function.bucket) ? "us-central1"'),
        Plant("queue drift: reports is planned with max_attempts 3", "tasks.tf", "",
              "= each.value.max_attempts", "= 3"),
        Plant("schedule drift: sweep_stalled", "schedules.tf", TICK, "= each.value.zone", '= "Asia/Kolkata"'),
        Plant("wrong database", "firestore.tf", '"composite"', "google_firestore_database.clinics.name", '"other"'),
        Plant("erased data is kept: google_storage_bucket.audio", "buckets.tf", AUDIO,
              "retention_duration_seconds = 0", "retention_duration_seconds = 604800"),
        Plant("results are kept", "buckets.tf", RESULTS, "age = 1 # days", "age = 30"),
        Plant("exports are kept", "buckets.tf", EXPORTS, "age = 8 # days", "age = 30"),
        Plant("pieces are kept", "buckets.tf", PIECES, "age = 30 # days", "age = 300"),
        Plant("bucket without uniform access", "buckets.tf", RESULTS, "level_access = true", "level_access = false"),
        Plant("no TTL: requests", "firestore.tf", '"ttl"', "  ttl_config {}\n", ""),
        Plant("wrong identity: sweep_stalled expects tokens for", "catalogue.tf", "",
              "= local.function_urls[name]", '= local.function_urls["bills"]'),
        Plant("wrong identity: write_report expects", "catalogue.tf", "INVOKER_ACCOUNT",
              "local.invokers[function.kind].email", "google_service_account.events.email"),
        Plant("wrong invoker: write_report", "functions.tf", INVOKER,
              "local.invokers[each.value.kind].email", "google_service_account.events.email"),
    ],
    "permissions": [
        Plant("shared account", "functions.tf", FUNCTION, "function[each.key].email",
              'function[each.key == "profile" ? "bills" : each.key].email'),
        Plant("missing role: sessions needs roles/iam.serviceAccountUser", "grants.tf",
              'resource "google_service_account_iam_member" "function"',
              "if contains", 'if use.function != "sessions" && contains'),
        Plant("excess role: reports has roles/cloudkms.cryptoKeyEncrypterDecrypter", "grants.tf", "clinic_keys",
              "cryptoKeyDecrypter", "cryptoKeyEncrypterDecrypter"),
        Plant("excess role: on_transcript_ready has custom: storage.objects.create, storage.objects.delete",
              "grants.tf", 'resource "google_project_iam_custom_role" "object_deleter"',
              '["storage.objects.delete"]', '["storage.objects.delete", "storage.objects.create"]'),
        Plant("missing role: bills needs roles/datastore.user on firestore_database", "grants.tf", "project_grants",
              "/databases/${google_firestore_database.clinics.name}", ""),
        Plant("missing role: trigger-events@", "events.tf", "event_receiver",
              "eventarc.eventReceiver", "pubsub.viewer"),
        Plant("basic role", "events.tf", '"event_agent"', "roles/eventarc.serviceAgent", "roles/editor"),
        Plant("missing role: the service of google_storage_bucket.audio", "kms.tf", "storage_agents",
              "data.google_storage_project_service_account.this.email_address", "google_service_account.build.email"),
    ],
    "references": [
        Plant("unknown bucket: sessions: AUDIO_BUCKET", "catalogue.tf", "",
              "google_storage_bucket.audio.name", '"${var.project}-recordings"', also("wrong trigger region")),
        Plant("wrong function: bills is planned with threads 4", "catalogue.tf", "environment_of",
              "tostring(function.concurrency)", 'tostring(name == "bills" ? 4 : function.concurrency)'),
        Plant("wrong key: DATA_KEY", "catalogue.tf", "",
              "google_kms_crypto_key.clinics.id", "google_kms_crypto_key.report_signing.id"),
        Plant("unknown account", "catalogue.tf", "", "google_service_account.tasks.email", '"tasks@example.org"',
              also("wrong invoker", "wrong caller", "missing role", "excess role", "wrong identity")),
        Plant("wrong task target: sessions sends write_report", "catalogue.tf", "",
              "https://{function}-", "https://x-{function}-", also("wrong identity")),
        Plant("wrong schedule target: sweep_stalled", "schedules.tf", "uri ", "local.function_urls[each.key]",
              'local.function_urls["bills"]'),
        Plant("schedule without OIDC: the token of sweep_stalled", "schedules.tf", "audience",
              "local.function_urls[each.key]", '"https://example.org"'),
        Plant("wrong rules release", "firestore.tf", '"google_firebaserules_release"',
              '"cloud.firestore" :', '"firebase.storage" :'),
        Plant("erased data is kept: google_storage_bucket.results", "buckets.tf", RESULTS,
              "enabled = false", "enabled = true"),
        Plant("bucket without a key of ours", "buckets.tf", RESULTS,
              "google_kms_crypto_key.storage.id", '"projects/x/other"'),
        Plant("function without ingress restriction: bills", "functions.tf", FUNCTION,
              '"ALLOW_INTERNAL_AND_GCLB"', '"ALLOW_ALL"'),
        Plant("route drift: * goes to bills", "loadbalancer.tf", "path_matcher {",
              "function[local.catalogue.fallback]", 'function["bills"]'),
        Plant("sealed is indexed: patients", "firestore.yaml", "sealed_collections", "  - patients\n", ""),
        Plant("unknown queue: sessions enqueues to reports", "tasks.tf", "", "= each.key", '= "late-${each.key}"',
              also("queue drift", "missing role", "excess role")),
    ],
    "invocation": [
        Plant("wrong caller", "functions.tf", "event_trigger", "google_service_account.events.email",
              'google_service_account.function["bills"].email',
              also("wrong invoker", "missing role", "wrong identity", "no wait for a grant")),
        Plant("wrong queue: sessions sends write_report through reports", "functions.yaml", "  write_report:",
              "queue: reports", "queue: transcriptions"),
        Plant("unset variable: sessions loads Tasks", "functions.yaml", "  sessions:",
              ", Tasks, SigningKey]", ", SigningKey]",
              also("excess role", "wrong location", "wrong task target")),
        Plant("wrong trigger path: on_session_completed: document", "events.tf", "", '"match-path-pattern"', "null"),
        Plant("public bucket: allUsers", "grants.tf", 'resource "google_storage_bucket_iam_member" "function"',
              '"serviceAccount:${google_service_account.function[each.value.function].email}"', '"allUsers"'),
        Plant("key that a plan may destroy: clinics", "kms.tf", CLINICS,
              "prevent_destroy = true", "prevent_destroy = false"),
        Plant("wrong trigger path: on_transcript_ready: bucket", "events.tf", "",
              "local.environment[function.bucket]", "google_storage_bucket.audio.name"),
        Plant("excess variable: bills gets SIGNING_KEY", "functions.yaml", "  bills:", "Links]", "Links, SigningKey]"),
    ],
}  # fmt: skip
"""Groups of independent faults, each group in one plan."""


@pytest.fixture(scope="module")
def known(planned: Deployment) -> set[str]:
    """The faults of infra/ itself."""
    return set(faults(planned))


def test_the_deployment_has_no_fault(known: set[str]) -> None:
    assert known == set()


@pytest.mark.parametrize("plant", sample(ALONE, 1), ids=lambda plant: plant.fault)
def test_a_planted_fault_is_reported_by_name(plant: Plant, terraform: Terraform, known: set[str]) -> None:
    check_reported([plant], terraform, known)


@pytest.mark.parametrize("group", sample([*TOGETHER], 3))
def test_all_planted_faults_are_reported(group: str, terraform: Terraform, known: set[str]) -> None:
    check_reported(TOGETHER[group], terraform, known)


def check_reported(plants: list[Plant], terraform: Terraform, known: set[str]) -> None:
    """Each fault is reported by name, and no other fault except those that follow."""
    workspace = terraform.workspace()
    for plant in plants:
        plant.apply(workspace.folder)
    found = set(faults(deployment(workspace.folder, workspace.plan()))) - known

    assert [p.fault for p in plants if not any(fault.startswith(p.fault) for fault in found)] == [], found
    assert {name_of(fault) for fault in found} <= {name for p in plants for name in (name_of(p.fault), *p.also)}


def name_of(fault: str) -> str:
    return fault.partition(":")[0]


def test_terraform_reports_a_misspelt_argument(terraform: Terraform) -> None:
    workspace = terraform.workspace()
    Plant("", "kms.tf", CLINICS, "rotation_period ", "rotation_periods ").apply(workspace.folder)

    with pytest.raises(TerraformError, match=r'Unsupported argument[^$]*"rotation_periods"'):
        workspace.validate()


def test_terraform_reports_an_undocumented_value(terraform: Terraform) -> None:
    workspace = terraform.workspace()
    Plant("", "buckets.tf", AUDIO, '"STANDARD"', '"STANDART"').apply(workspace.folder)

    with pytest.raises(TerraformError, match=r'Value not allowed[^$]*"STANDART"'):
        workspace.validate()


def test_an_unplanned_function_is_reported(planned: Deployment) -> None:
    nothing = replace(planned, plan=Plan({"planned_values": {"root_module": {}}}))

    assert "missing function: write-report" in list(functions.matches_catalogue(nothing))


def test_functions_that_print_have_fonts_and_others_have_none(planned: Deployment) -> None:
    functions_of = planned.catalogue.functions
    said = {"bills": False, "users": True}
    changed = {name: functions_of[name].model_copy(update={"prints": prints}) for name, prints in said.items()}
    catalogue = planned.catalogue.model_copy(update={"functions": {**functions_of, **changed}})

    assert sorted(functions.fonts(replace(planned, catalogue=catalogue))) == [
        "excess fonts: users prints nothing",
        "missing fonts: bills prints, which the catalogue does not say",
    ]


def test_a_function_without_code_is_reported(planned: Deployment, tmp_path: Path) -> None:
    nothing = replace(planned, program=Program(tmp_path))

    assert "function without code: bills" in list(functions.matches_catalogue(nothing))


def test_a_policy_that_replaces_all_grants_is_reported(planned: Deployment) -> None:
    policy = {"address": "x.all", "mode": "managed", "type": "google_storage_bucket_iam_policy", "values": {}}
    plan = Plan({"planned_values": {"root_module": {"resources": [policy]}}})

    assert list(roles.public(replace(planned, plan=plan))) == ["policy that replaces all grants: x.all"]


def test_a_plant_without_its_text_fails(terraform: Terraform) -> None:
    with pytest.raises(ValueError, match="not found"):
        Plant("", "kms.tf", CLINICS, "no such text", "").apply(terraform.workspace().folder)


# Faults of the code


class Keyed(settings.Web):
    """The settings of the HTTP functions, with a secret."""

    letter_password: Secret


def test_an_unlisted_secret_is_reported(planned: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "Web", Keyed)

    assert "unlisted secret: bills reads LETTER_PASSWORD" in list(functions.secrets(planned))


def test_an_unread_secret_is_reported(terraform: Terraform, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = terraform.workspace()
    Plant("", "functions.yaml", "", "secrets:\n", "secrets:\n  LETTER_PASSWORD: {}\n").apply(workspace.folder)
    Plant("", "functions.yaml", "  bills:", "Links]", "Links]\n    secrets: [LETTER_PASSWORD]").apply(workspace.folder)
    changed = deployment(workspace.folder, workspace.plan())

    assert list(functions.secrets(changed)) == ["excess secret: bills gets LETTER_PASSWORD, which it never reads"]
    assert not [fault for fault in roles.roles(changed) if "bills" in fault]

    monkeypatch.setattr(settings, "Web", Keyed)

    assert not [fault for fault in faults(changed) if "bills" in fault]


def test_a_setting_missing_from_the_catalogue_is_reported(planned: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    class Wider(settings.Web):
        page_size: int

    monkeypatch.setattr(settings, "Web", Wider)

    assert "unset variable: bills needs PAGE_SIZE" in list(functions.environment(planned))


def test_unresolved_code_is_reported(planned: Deployment, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "settings.py").write_text("def load(group): ...\n")
    (tmp_path / "functions" / "bills").mkdir(parents=True)
    code = "from shared import settings\ndef main(group): return settings.load(group)\n"
    (tmp_path / "functions" / "bills" / "main.py").write_text(code)

    assert faults(replace(planned, program=Program(tmp_path))) == [
        "unclear code: main.main loads settings whose group is not named there"
    ]


def test_an_adapter_without_an_entry_is_reported(planned: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(permissions.REQUIRED_ROLES, "shared.gateways.storage.open_upload")
    monkeypatch.delitem(permissions.REQUIRED_ROLES, "shared.vault.kms.KmsAead")
    monkeypatch.setattr(roles, "OPENERS", ("shared.store.firestore",))

    found = list(roles.adapters(planned))

    assert "unlisted adapter: sessions reaches shared.gateways.storage.open_upload" in found
    assert "unlisted adapter: bills reaches shared.vault.kms.KmsAead" in found
    assert "unlisted adapter: shared.vault.kms_api.open_kms opens an API of Google" in found
    monkeypatch.setattr(roles, "ADAPTERS", ("shared.vault", "shared.store.database"))
    assert (
        "unlisted adapter: sessions reaches shared.gateways.storage_client, which imports a client of Google"
        in roles.adapters(planned)
    )


def test_unlisted_sealing_and_expiry_are_reported(planned: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "SEALED_WITHOUT_CODEC", {})
    monkeypatch.setattr(indexes, "EXPIRES_AT_WRITERS", {})

    assert "unlisted sealing: shared.store.idempotency.Idempotency" in list(indexes.exemptions(planned))
    assert "unlisted expiry: shared.store.idempotency.Idempotency" in list(indexes.expiry(planned))
