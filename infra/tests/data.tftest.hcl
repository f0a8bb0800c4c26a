variables {
  project          = "synapse-offline"
  region           = "asia-south1"
  builds_in_region = true
  environment      = "staging"
  domain           = "api.example.org"
  alert_email      = "oncall@example.org"
  cors_origins     = ["https://app.example.org"]

  speech_languages = ["en-IN"]
}

# Few runs with many assertions, because each run plans everything, which takes seconds. Error messages name the fault.

run "data_is_private_protected_and_erasable" {
  command = plan

  # Buckets

  assert {
    condition = alltrue([
      for bucket in [google_storage_bucket.audio, google_storage_bucket.results, google_storage_bucket.exports, google_storage_bucket.pieces, google_storage_bucket.source] :
      bucket.public_access_prevention == "enforced" && bucket.uniform_bucket_level_access
    ])
    error_message = "A bucket could be made public, or has access per object."
  }
  assert {
    condition = alltrue([
      for bucket in [google_storage_bucket.audio, google_storage_bucket.results, google_storage_bucket.exports, google_storage_bucket.pieces, google_storage_bucket.source] :
      bucket.encryption[0].default_kms_key_name == google_kms_crypto_key.storage.id
    ])
    error_message = "A bucket is not encrypted with the key for storage."
  }
  assert {
    condition = alltrue([
      for bucket in [google_storage_bucket.audio, google_storage_bucket.results, google_storage_bucket.exports, google_storage_bucket.pieces, google_storage_bucket.source] :
      bucket.location == var.region
    ])
    error_message = "A bucket is outside the region."
  }
  assert {
    condition = alltrue([
      for bucket in [google_storage_bucket.audio, google_storage_bucket.results, google_storage_bucket.exports, google_storage_bucket.pieces] :
      bucket.soft_delete_policy[0].retention_duration_seconds == 0
    ])
    error_message = "Soft delete keeps erased data."
  }
  assert {
    condition = alltrue([
      for bucket in [google_storage_bucket.audio, google_storage_bucket.results, google_storage_bucket.exports, google_storage_bucket.pieces] : !bucket.versioning[0].enabled
    ])
    error_message = "Versions keep erased data."
  }
  assert {
    condition = alltrue([
      for bucket in [google_storage_bucket.audio, google_storage_bucket.results, google_storage_bucket.exports, google_storage_bucket.pieces] : length(bucket.retention_policy) == 0
    ])
    error_message = "A retention policy prevents erasure."
  }
  assert {
    condition = [
      for rule in google_storage_bucket.results.lifecycle_rule : one(rule.condition).age if one(rule.action).type == "Delete"
    ] == [1]
    error_message = "Results are not deleted after a day."
  }
  assert {
    condition = [
      for rule in google_storage_bucket.exports.lifecycle_rule : one(rule.condition).age if one(rule.action).type == "Delete"
    ] == [8]
    error_message = "Exported reports are not deleted after 8 days."
  }
  assert {
    condition     = google_storage_bucket.exports.cors[0].method == tolist(["GET"])
    error_message = "A browser may do more with exported reports than read one by its signed URL."
  }
  assert {
    condition = [
      for rule in google_storage_bucket.audio.lifecycle_rule :
      "${one(rule.condition).age} days, ${join(",", one(rule.condition).matches_suffix)}"
      if one(rule.action).type != "AbortIncompleteMultipartUpload"
    ] == ["3 days, .part"]
    error_message = "A lifecycle rule deletes recordings that the product has not deleted, or leaves the parts that were cut from them."
  }
  assert {
    condition     = !google_storage_bucket.audio.force_destroy && !google_storage_bucket.results.force_destroy && !google_storage_bucket.exports.force_destroy && !google_storage_bucket.pieces.force_destroy
    error_message = "Terraform could delete a bucket that contains recordings or transcripts."
  }
  assert {
    condition     = google_storage_bucket.audio.cors[0].origin == tolist(["https://app.example.org"]) && contains(google_storage_bucket.audio.cors[0].method, "PUT")
    error_message = "A browser of a configured origin cannot upload."
  }
  assert {
    condition     = length(google_storage_bucket.results.cors) == 0
    error_message = "Browsers may access the bucket of the results."
  }

  # Keys

  assert {
    condition = alltrue([
      for key in [google_kms_crypto_key.clinics, google_kms_crypto_key.storage, google_kms_crypto_key.logs] :
      key.purpose == "ENCRYPT_DECRYPT" && tonumber(trimsuffix(key.rotation_period, "s")) <= 90 * 24 * 3600
    ])
    error_message = "A symmetric key is not rotated every 90 days."
  }
  assert {
    condition = (
      google_kms_crypto_key.report_signing.purpose == "ASYMMETRIC_SIGN" &&
      google_kms_crypto_key.report_signing.version_template[0].algorithm == "EC_SIGN_P256_SHA256"
    )
    error_message = "Reports are not signed with EC P-256 and SHA-256."
  }
  assert {
    condition     = google_kms_crypto_key.report_signing.rotation_period == null
    error_message = "KMS rejects a rotation period of an asymmetric key."
  }
  assert {
    condition = alltrue([
      for key in [google_kms_crypto_key.clinics, google_kms_crypto_key.storage, google_kms_crypto_key.logs, google_kms_crypto_key.report_signing] :
      key.version_template[0].protection_level == "SOFTWARE" && key.destroy_scheduled_duration == "2592000s"
    ])
    error_message = "A key has another protection level, or a destroyed version cannot be restored for 30 days."
  }
  assert {
    condition     = google_kms_key_ring.synapse.location == var.region
    error_message = "The keys are outside the region."
  }
  assert {
    condition = alltrue([
      for grant in google_kms_crypto_key_iam_member.storage_agents :
      grant.crypto_key_id == google_kms_crypto_key.storage.id && grant.role == "roles/cloudkms.cryptoKeyEncrypterDecrypter"
    ])
    error_message = "A service agent's grant is not on the key for storage, or has another role than to encrypt and decrypt."
  }
  assert {
    condition = { for use, grant in google_kms_crypto_key_iam_member.storage_agents : use => grant.member } == {
      buckets = "serviceAccount:service-${data.google_project.this.number}@gs-project-accounts.iam.gserviceaccount.com"
      images  = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
      secrets = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-secretmanager.iam.gserviceaccount.com"
    }
    error_message = "The grants on the key for storage are not those of the agents of Storage, Artifact Registry and Secret Manager."
  }
  assert {
    condition = (
      google_kms_crypto_key_iam_member.logs.crypto_key_id == google_kms_crypto_key.logs.id &&
      google_kms_crypto_key_iam_member.logs.member == "serviceAccount:${data.google_logging_project_cmek_settings.this.service_account_id}"
    )
    error_message = "The account of Cloud Logging cannot use the key for logs."
  }

  # The database

  assert {
    condition     = google_firestore_database.clinics.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED"
    error_message = "Point-in-time recovery is off."
  }
  assert {
    condition     = google_firestore_database.clinics.delete_protection_state == "DELETE_PROTECTION_ENABLED"
    error_message = "The database can be deleted."
  }
  assert {
    condition     = google_firestore_database.clinics.type == "FIRESTORE_NATIVE" && google_firestore_database.clinics.location_id == var.region
    error_message = "The database has another type, or is outside the region."
  }
  assert {
    condition     = length(google_firestore_database.clinics.cmek_config) + length(google_kms_crypto_key.firestore) + length(google_kms_crypto_key_iam_member.firestore) == 0
    error_message = "The database uses our own key, which Google has not granted."
  }
  assert {
    condition = alltrue([
      for field in google_firestore_field.sealed : field.field == "sealed" && length(field.index_config[0].indexes) == 0
    ])
    error_message = "Ciphertexts are indexed."
  }
  assert {
    condition = alltrue([
      for field in concat(values(google_firestore_field.unqueried), values(google_firestore_field.ttl)) :
      length(field.index_config[0].indexes) == 0
    ])
    error_message = "A field that no query uses is indexed."
  }
  assert {
    condition     = google_firestore_field.ttl["requests"].field == "expires_at" && length(google_firestore_field.ttl["requests"].ttl_config) == 1
    error_message = "Stored responses of idempotency never expire."
  }
  assert {
    condition = alltrue([
      for index in google_firestore_index.composite : contains(index.fields[*].field_path, "live")
    ])
    error_message = "An index lacks `live`, which is in every query."
  }
  assert {
    condition = alltrue([
      for index in google_firestore_index.composite : alltrue([for field in index.fields : field.order != null || field.array_config == "CONTAINS"])
    ])
    error_message = "An index has a field without an order."
  }
  assert {
    condition     = google_firebaserules_ruleset.firestore.source[0].files[0].content == file("../firestore.rules")
    error_message = "The deployed rules are not those of firestore.rules."
  }
  assert {
    condition     = google_firebaserules_release.firestore.name == "cloud.firestore"
    error_message = "The rules are released to another database."
  }

  # Sign-in

  assert {
    condition     = google_identity_platform_config.auth.client[0].permissions[0].disabled_user_signup && google_identity_platform_config.auth.client[0].permissions[0].disabled_user_deletion
    error_message = "The web key can create or remove accounts."
  }
  assert {
    condition = (
      google_identity_platform_config.auth.sign_in[0].email[0].enabled &&
      google_identity_platform_config.auth.sign_in[0].email[0].password_required &&
      !google_identity_platform_config.auth.sign_in[0].allow_duplicate_emails
    )
    error_message = "Sign-in does not require a unique e-mail address and a password."
  }
  assert {
    condition     = !google_identity_platform_config.auth.sign_in[0].anonymous[0].enabled && !google_identity_platform_config.auth.sign_in[0].phone_number[0].enabled
    error_message = "Anonymous sign-in or sign-in by text message is enabled."
  }
  assert {
    condition     = google_identity_platform_config.auth.mfa[0].state == "ENABLED" && length(google_identity_platform_config.auth.mfa[0].provider_configs[0].totp_provider_config) == 1
    error_message = "A second factor by an authenticator app is not available."
  }
  assert {
    condition     = google_identity_platform_config.auth.authorized_domains == tolist(["synapse-offline.firebaseapp.com", "app.example.org"])
    error_message = "The allowed targets of sign-in links are not exactly Firebase's page and the app."
  }
  assert {
    condition = toset([for target in google_apikeys_key.web.restrictions[0].api_targets : target.service]) == toset([
      "identitytoolkit.googleapis.com", "securetoken.googleapis.com", "firestore.googleapis.com",
    ])
    error_message = "The web key does not allow exactly the APIs of sign-in and the listener."
  }
  assert {
    condition     = google_apikeys_key.web.restrictions[0].browser_key_restrictions[0].allowed_referrers == tolist(["https://app.example.org/*"])
    error_message = "The web key works on other pages."
  }

  # APIs

  assert {
    condition     = length(setsubtract(keys(google_project_service_identity.agent), keys(google_project_service.api))) == 0
    error_message = "A service agent's API is not enabled."
  }
  assert {
    condition     = alltrue([for api in google_project_service.api : !api.disable_on_destroy])
    error_message = "Removing an API from the list would disable it while its resources exist."
  }
}

run "without_origins_no_browser_has_access" {
  command = plan

  variables {
    cors_origins = []
  }

  assert {
    condition     = length(google_storage_bucket.audio.cors) == 0
    error_message = "CORS is configured without an origin."
  }
  assert {
    condition     = google_apikeys_key.web.restrictions[0].browser_key_restrictions[0].allowed_referrers == tolist(["https://api.example.org/*"])
    error_message = "Without origins the web key works everywhere."
  }
}

run "a_named_database_with_its_own_hsm_key" {
  command = plan

  variables {
    firestore_cmek     = true
    firestore_database = "clinics"
    key_protection     = "HSM"
  }

  assert {
    condition = alltrue([
      for key in [google_kms_crypto_key.clinics, google_kms_crypto_key.storage, google_kms_crypto_key.logs, google_kms_crypto_key.report_signing, google_kms_crypto_key.firestore[0]] :
      key.version_template[0].protection_level == "HSM"
    ])
    error_message = "A key is not in an HSM."
  }
  assert {
    condition     = google_firestore_database.clinics.cmek_config[0].kms_key_name == google_kms_crypto_key.firestore[0].id
    error_message = "The database is not encrypted with its key."
  }
  assert {
    condition     = tonumber(trimsuffix(google_kms_crypto_key.firestore[0].rotation_period, "s")) <= 90 * 24 * 3600
    error_message = "The database's key is not rotated every 90 days."
  }
  assert {
    condition     = google_kms_crypto_key_iam_member.firestore[0].member == "serviceAccount:${google_project_service_identity.agent["firestore.googleapis.com"].email}"
    error_message = "Firestore cannot use its key."
  }
  assert {
    condition = alltrue([
      for resource in concat(values(google_firestore_index.composite), values(google_firestore_field.sealed), values(google_firestore_field.unqueried), values(google_firestore_field.ttl)) :
      resource.database == "clinics"
    ])
    error_message = "An index or a field belongs to another database."
  }
  assert {
    condition     = google_firebaserules_release.firestore.name == "cloud.firestore/clinics"
    error_message = "The rules are released to another database."
  }
}

run "invalid_variables_are_rejected" {
  command = plan

  variables {
    project              = "SynapseAI"
    region               = "Mumbai"
    environment          = "test"
    domain               = "https://api.example.org/"
    cors_origins         = ["https://app.example.org", "*"]
    firestore_database   = "1st"
    key_protection       = "EXTERNAL"
    signing_key_version  = "0"
    speech_model         = "latest_long"
    log_level            = "info"
    audit_retention_days = 364
    requests_per_minute  = 59
    max_instances        = -1
    grant_wait_seconds   = 901
    public_invoker       = "everybody"
    alert_email          = "oncall"
    billing_account      = "012345-6789AB"
    monthly_budget       = 0
  }

  expect_failures = [
    var.project, var.region, var.environment, var.domain, var.cors_origins, var.firestore_database, var.key_protection,
    var.signing_key_version, var.speech_model, var.log_level, var.audit_retention_days, var.requests_per_minute,
    var.alert_email, var.billing_account, var.monthly_budget, var.max_instances, var.grant_wait_seconds, var.public_invoker,
  ]
}

run "nearly_valid_variables_are_rejected" {
  command = plan

  variables {
    project              = "synapse-"
    region               = "asia-south1-a"
    domain               = "localhost"
    cors_origins         = ["https://app.example.org/"]
    firestore_database   = "Clinics"
    signing_key_version  = "v1"
    speech_languages     = ["English"]
    audit_retention_days = 3651
    requests_per_minute  = 1001
    max_instances        = 1.5
    alert_email          = "on call@example.org"
    billing_account      = "012345-6789ab-cdef01"
    monthly_budget       = 0.5
  }

  expect_failures = [
    var.project, var.region, var.domain, var.cors_origins, var.firestore_database, var.signing_key_version,
    var.audit_retention_days, var.requests_per_minute, var.alert_email, var.billing_account, var.monthly_budget,
    var.max_instances, var.speech_languages,
  ]
}

run "an_http_origin_and_an_untried_region_are_rejected" {
  command = plan

  variables {
    cors_origins     = ["http://app.example.org"]
    builds_in_region = false
  }

  expect_failures = [var.cors_origins, var.builds_in_region]
}

run "a_speech_model_where_it_is_not_offered_and_no_language_are_rejected" {
  command = plan

  variables {
    speech_model    = "chirp_2"
    speech_location = "asia-south1"
    # Empty here, because a language is compared with the model, which the runs above name wrongly.
    speech_languages = []
  }

  expect_failures = [var.speech_location, var.speech_languages]
}

run "a_language_that_the_speech_model_does_not_know_is_rejected" {
  command = plan

  variables {
    speech_model     = "chirp_3"
    speech_location  = "us"
    speech_languages = ["he-IL", "brx-IN"]
  }

  expect_failures = [var.speech_languages, check.speech_model_takes_long_visits]
}

run "a_writer_model_without_a_known_retirement_is_refused" {
  command = plan

  variables {
    writer_model = "gemini-9-flash"
  }

  expect_failures = [var.writer_model]
}

run "a_speech_model_for_short_recordings_is_a_warning" {
  command = plan

  variables {
    speech_model    = "chirp_3"
    speech_location = "asia-south1"
  }

  expect_failures = [check.speech_model_takes_long_visits]
}

run "a_speech_model_for_one_language_is_a_warning" {
  command = plan

  variables {
    speech_model    = "long"
    speech_location = "asia-south1"
  }

  expect_failures = [check.speech_model_takes_several_languages]
}
