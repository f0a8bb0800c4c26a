# The audit log: Google's audit logs and the digests of the product's own audit trail, in one log bucket. Its retention
# is locked once the deployment is accepted (lock_audit_log): from then on not even an owner of the project can empty the bucket or shorten its retention.
locals {
  # Services whose data access is recorded as well (Google always records changes to resources), each with its exempt
  # members. Volume decides: entries beyond 50 GiB a month are paid for.
  audited = {
    # Firestore, under the name that it shares with Datastore. The functions are exempt: each request would make several
    # entries, and the product's own trail has more (user, role, patient, reason). The entries show access that bypasses
    # the functions: people, consoles, exports. Functions have no keys, and a token made in the name of one is recorded
    # under iam, below.
    "datastore.googleapis.com" = [for account in google_service_account.function : account.member]

    # A few objects a consultation.
    "storage.googleapis.com" = []

    # One call per clinic and instance every ten minutes, one per signature, and the calls of services that use our
    # keys.
    "cloudkms.googleapis.com" = []

    # One read at the start of each instance.
    "secretmanager.googleapis.com" = []

    # Tokens made in the name of a service account (this covers iamcredentials too), and reads of access policies.
    "iam.googleapis.com" = []

    # Access to users' accounts that bypasses the product.
    "identitytoolkit.googleapis.com" = []
  }

  # Log entries of shared/store/audit.py in the format of shared/web/logs.py.
  # Trimmed, as every filter here: Google trims it, and a newline at its end would be a change in every plan.
  audit_digests = trimspace(<<-EOT
    resource.type="cloud_run_revision"
    jsonPayload.logger="synapse.audit"
  EOT
  )

  google_audit_logs = trimspace(<<-EOT
    log_id("cloudaudit.googleapis.com/activity")
    OR log_id("cloudaudit.googleapis.com/data_access")
    OR log_id("cloudaudit.googleapis.com/system_event")
    OR log_id("cloudaudit.googleapis.com/policy")
  EOT
  )
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
      # Nobody is exempt from the recording of administration.
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

  # A locked bucket cannot be deleted; `terraform destroy` leaves it behind instead of failing.
  deletion_policy = var.lock_audit_log ? "ABANDON" : "DELETE"

  cmek_settings {
    kms_key_name = google_kms_crypto_key.logs.id
  }

  depends_on = [terraform_data.keys_in_effect]
}

# A sink may write to a log bucket of its own project without a grant
# (docs.cloud.google.com/logging/docs/export/configure_export_v2).
resource "google_logging_project_sink" "audit" {
  for_each = {
    product = local.audit_digests
    google  = local.google_audit_logs
  }

  name        = "audit-${each.key}"
  description = "Routes entries to the locked audit log."
  destination = "logging.googleapis.com/${google_logging_project_bucket_config.audit.id}"
  filter      = each.value
}

# The bucket _Default keeps the functions' other entries for 30 days, for everybody who may read logs. The digests are
# not for them, and a second copy would be paid twice. Google's audit entries stay in _Default too: they are few, and
# alerts match them there.
resource "google_logging_project_exclusion" "audit_digests" {
  name        = "audit-digests"
  description = "The digests are in the log bucket ${google_logging_project_bucket_config.audit.bucket_id}."
  filter      = local.audit_digests

  depends_on = [google_logging_project_sink.audit]
}

# roles/logging.viewer does not cover user-defined log buckets. Google creates the view _AllLogs with every bucket.
resource "google_logging_log_view_iam_member" "audit_reader" {
  for_each = toset(var.audit_readers)

  parent   = "projects/${var.project}"
  location = google_logging_project_bucket_config.audit.location
  bucket   = google_logging_project_bucket_config.audit.bucket_id
  name     = "_AllLogs"
  role     = "roles/logging.viewAccessor"
  member   = each.value
}
