# Waits for grants. Google answers a grant at once and lets it take effect within minutes (cloud.google.com/iam/docs/
# access-change-propagation); what needs it before is refused, and the provider tries few of these refusals again. A wait
# runs once, and again when one of its grants changes.

variable "grant_wait_seconds" {
  description = "Seconds from a grant until it is taken to be in effect. Google says 2 minutes as a rule, 7 and more at times."
  type        = number
  default     = 120

  validation {
    condition     = var.grant_wait_seconds >= 0 && var.grant_wait_seconds <= 900
    error_message = "From 0 to 900."
  }
}

# Google's agents may use our keys: before the first bucket, repository, secret, log bucket or database with a key.
resource "terraform_data" "keys_in_effect" {
  triggers_replace = concat(
    values(google_kms_crypto_key_iam_member.storage_agents)[*].id,
    [google_kms_crypto_key_iam_member.logs.id],
    google_kms_crypto_key_iam_member.firestore[*].id,
  )

  provisioner "local-exec" {
    command = "sleep ${var.grant_wait_seconds}"
  }
}

# Builds may read, log and push; Eventarc may make triggers; functions may read their secrets: before the first function.
resource "terraform_data" "grants_in_effect" {
  triggers_replace = concat(
    [
      google_artifact_registry_repository_iam_member.build.id,
      google_project_iam_member.build_logs.id,
      google_project_iam_member.build_source_copies.id,
      google_storage_bucket_iam_member.build_sources.id,
      google_project_iam_member.event_receiver.id,
      google_project_iam_member.event_agent.id,
      google_project_iam_member.storage_events.id,
    ],
    values(google_secret_manager_secret_iam_member.reader)[*].id,
  )

  provisioner "local-exec" {
    command = "sleep ${var.grant_wait_seconds}"
  }
}
