# KMS keys, one per purpose, all in the region. Terraform cannot destroy them: data encrypted with a lost key is lost. A
# destroyed version can be restored only during its scheduled days.
locals {
  ninety_days = "7776000s"
  thirty_days = "2592000s"
}

resource "google_kms_key_ring" "synapse" {
  name     = "synapse"
  location = var.region

  # KMS never deletes a key ring, so the name of a removed ring cannot be reused.
  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.api]
}

# Wraps the clinics' keysets (shared/vault). After a rotation, earlier versions still unwrap the keysets that they
# wrapped.
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

# Signs reports. KMS does not rotate asymmetric keys: create a new version by hand and set signing_key_version
# (docs/upkeep.md). Earlier versions stay, because their public keys verify earlier reports.
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

# Encrypts the buckets, the secrets and the repository of the images. Copies that Google makes for itself are encrypted
# with its own keys: the sources in gcf-v2-sources-*, and the images as Cloud Run imports them.
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

# Encrypts the bucket of the audit log. A separate key, so that access to one store does not imply access to the other.
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

# Encrypts the database, if Google has granted CMEK for it.
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

# Google's services encrypt and decrypt as their service agents. Each agent gets a grant on the one key that it uses.

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

# Reading these settings creates the account that encrypts log buckets. No depends_on: with it, a change to the list of
# APIs would make the account unknown in the plan, which would revoke the grant and create it again.
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
