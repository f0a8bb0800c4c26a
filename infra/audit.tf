# Who touched what: Google's audit logs, and the digests of the product's own audit trail, in one log bucket. Its
# retention is locked, so that not even an owner of the project can empty it or keep it for a shorter time.
locals {
  # Google always records changes to resources. These calls it records besides, by service. Volume decides: entries beyond
  # 50 GiB a month are paid for.
  audited = {
    # Firestore, under the name that it shares with Datastore. Every request of a function reads and writes, so that would be
    # several entries a request, for what the product's own trail tells better (who, in which role, which patient,
    # why). So the functions are exempt, and what remains is everybody who comes to the database past them: people,
    # consoles, exports. Functions have no keys, and a token made in the name of one is recorded under iam, below.
    "datastore.googleapis.com" = [for account in google_service_account.function : account.member]

    # A few objects a consultation.
    "storage.googleapis.com" = []

    # One call a clinic an instance every ten minutes, one a signature, and those of the services whose data our keys encrypt.
    "cloudkms.googleapis.com" = []

    # At the start of an instance.
    "secretmanager.googleapis.com" = []

    # Tokens made in the name of a service account (it covers the service iamcredentials too), and who looked at whose rights.
    "iam.googleapis.com" = []

    # Accounts of users that are read or changed past the product.
    "identitytoolkit.googleapis.com" = []
  }

  # A line of shared/store/audit.py, as shared/web/logs.py writes it.
  audit_digests = <<-EOT
    resource.type="cloud_run_revision"
    jsonPayload.logger="synapse.audit"
  EOT

  google_audit_logs = <<-EOT
    log_id("cloudaudit.googleapis.com/activity")
    OR log_id("cloudaudit.googleapis.com/data_access")
    OR log_id("cloudaudit.googleapis.com/system_event")
    OR log_id("cloudaudit.googleapis.com/policy")
  EOT
}

variable "audit_readers" {
  description = "Who may read the audit log besides the owners of the project, such as group:audit@example.org."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for reader in var.audit_readers : can(regex("^(user|group|serviceAccount):[^@\\s]+@[^@\\s]+$", reader))])
    error_message = "Each reader is written like group:audit@example.org, with user, group or serviceAccount."
  }
}

resource "google_project_iam_audit_config" "service" {
  for_each = local.audited

  project = var.project
  service = each.key

  dynamic "audit_log_config" {
    for_each = ["ADMIN_READ", "DATA_READ", "DATA_WRITE"]
    content {
      log_type = audit_log_config.value
      # Administration is recorded of everybody.
      exempted_members = audit_log_config.value == "ADMIN_READ" ? [] : each.value
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_logging_project_bucket_config" "audit" {
  project        = var.project
  location       = var.region
  bucket_id      = "audit"
  description    = "Google's audit logs and the digests of the product's audit trail."
  retention_days = var.audit_retention_days
  locked         = var.lock_audit_log

  # What is locked cannot be deleted; `terraform destroy` leaves it behind instead of failing at it.
  deletion_policy = var.lock_audit_log ? "ABANDON" : "DELETE"

  cmek_settings {
    kms_key_name = google_kms_crypto_key.logs.id
  }

  depends_on = [google_kms_crypto_key_iam_member.logs]
}

# A sink may write to a log bucket of its own project without a grant
# (docs.cloud.google.com/logging/docs/export/configure_export_v2).
resource "google_logging_project_sink" "audit" {
  for_each = {
    product = local.audit_digests
    google  = local.google_audit_logs
  }

  name        = "audit-${each.key}"
  description = "Into the locked audit log."
  destination = "logging.googleapis.com/${google_logging_project_bucket_config.audit.id}"
  filter      = each.value
}

# The bucket _Default keeps the functions' other lines for 30 days, for whoever may read logs. The digests are not for
# them, and kept twice they would be paid twice. What Google records stays there too: it is little, and alerts match it there.
resource "google_logging_project_exclusion" "audit_digests" {
  name        = "audit-digests"
  description = "They are in the log bucket ${google_logging_project_bucket_config.audit.bucket_id}."
  filter      = local.audit_digests

  depends_on = [google_logging_project_sink.audit]
}

# A bucket of one's own is closed to roles/logging.viewer. _AllLogs is the view that Google makes with every bucket.
resource "google_logging_log_view_iam_member" "audit_reader" {
  for_each = toset(var.audit_readers)

  parent   = "projects/${var.project}"
  location = google_logging_project_bucket_config.audit.location
  bucket   = google_logging_project_bucket_config.audit.bucket_id
  name     = "_AllLogs"
  role     = "roles/logging.viewAccessor"
  member   = each.value
}
