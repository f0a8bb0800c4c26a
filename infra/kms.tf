# Keys, one for each purpose. Each stays in the region, and none can be destroyed by Terraform: what a lost key had
# encrypted is lost. KMS keys have no other way back than the days that a destroyed version waits.
locals {
  ninety_days = "7776000s"
  thirty_days = "2592000s"
}

resource "google_kms_key_ring" "synapse" {
  name     = "synapse"
  location = var.region

  # KMS never deletes a ring, so its name could not be used again.
  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.api]
}

# Wraps the clinics' keysets (shared/vault). Versions that rotation left behind keep opening what they wrapped.
resource "google_kms_crypto_key" "clinics" {
  name                       = "clinics"
  key_ring                   = google_kms_key_ring.synapse.id
  purpose                    = "ENCRYPT_DECRYPT"
  rotation_period            = local.ninety_days
  destroy_scheduled_duration = local.thirty_days

  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = var.key_protection
  }

  lifecycle {
    prevent_destroy = true
  }
}

# Signs reports. KMS does not rotate asymmetric keys: a new version is made by hand and named in signing_key_version
# (docs/deploy.md). Earlier versions stay, because their public keys verify what they signed.
resource "google_kms_crypto_key" "report_signing" {
  name                       = "report-signing"
  key_ring                   = google_kms_key_ring.synapse.id
  purpose                    = "ASYMMETRIC_SIGN"
  destroy_scheduled_duration = local.thirty_days

  version_template {
    algorithm        = "EC_SIGN_P256_SHA256"
    protection_level = var.key_protection
  }

  lifecycle {
    prevent_destroy = true
  }
}

# Encrypts the buckets, the secrets and the images.
resource "google_kms_crypto_key" "storage" {
  name                       = "storage"
  key_ring                   = google_kms_key_ring.synapse.id
  purpose                    = "ENCRYPT_DECRYPT"
  rotation_period            = local.ninety_days
  destroy_scheduled_duration = local.thirty_days

  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = var.key_protection
  }

  lifecycle {
    prevent_destroy = true
  }
}

# Encrypts the bucket of the audit log: its own key, so that who may read one need not be able to read the other.
resource "google_kms_crypto_key" "logs" {
  name                       = "logs"
  key_ring                   = google_kms_key_ring.synapse.id
  purpose                    = "ENCRYPT_DECRYPT"
  rotation_period            = local.ninety_days
  destroy_scheduled_duration = local.thirty_days

  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = var.key_protection
  }

  lifecycle {
    prevent_destroy = true
  }
}

# Encrypts the database, where Google has granted that.
resource "google_kms_crypto_key" "firestore" {
  count = var.firestore_cmek ? 1 : 0

  name                       = "firestore"
  key_ring                   = google_kms_key_ring.synapse.id
  purpose                    = "ENCRYPT_DECRYPT"
  rotation_period            = local.ninety_days
  destroy_scheduled_duration = local.thirty_days

  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = var.key_protection
  }

  lifecycle {
    prevent_destroy = true
  }
}

# Google's services encrypt and decrypt as their own accounts. Each is granted on the one key that it uses.

resource "google_kms_crypto_key_iam_member" "storage_agents" {
  for_each = {
    buckets = data.google_storage_project_service_account.this.email_address
    images  = google_project_service_identity.agent["artifactregistry.googleapis.com"].email
    secrets = google_project_service_identity.agent["secretmanager.googleapis.com"].email
  }

  crypto_key_id = google_kms_crypto_key.storage.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${each.value}"
}

# Asking for these settings makes the account that encrypts log buckets. They wait for no API: a change to the list of
# APIs would make the account unknown while planning, and so take the grant away and give it back.
data "google_logging_project_cmek_settings" "this" {
  project = var.project
}

resource "google_kms_crypto_key_iam_member" "logs" {
  crypto_key_id = google_kms_crypto_key.logs.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${data.google_logging_project_cmek_settings.this.service_account_id}"
}

resource "google_kms_crypto_key_iam_member" "firestore" {
  count = var.firestore_cmek ? 1 : 0

  crypto_key_id = google_kms_crypto_key.firestore[0].id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${google_project_service_identity.agent["firestore.googleapis.com"].email}"
}
