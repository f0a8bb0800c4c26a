# Recordings, their pieces, plaintext transcripts and exported reports. A deleted object is gone at once: no versions, no soft delete. Object names
# contain ids only.

resource "google_storage_bucket" "audio" {
  #checkov:skip=CKV_GCP_62: The project's audit log has every read and write of this bucket (audit.tf); access logs would repeat them.
  #checkov:skip=CKV_GCP_78: An erased recording must be gone. Versions would keep it.
  name                        = "${var.project}-audio"
  location                    = var.region
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  encryption {
    default_kms_key_name = google_kms_crypto_key.storage.id
  }

  versioning {
    enabled = false
  }

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  # No deletion by age: a recording is part of the clinical record until the product deletes it, and the product would
  # not notice a deletion. An unfinished upload leaves no object; Google drops a resumable upload after a week, and this
  # rule drops the parts of a multipart upload.
  #
  # The exception: copies of a recording, cut or converted for one transcription. The product deletes them when the
  # transcription ends, a day after its request at the latest; only their names end in .part
  # (shared/workflows/visits/object_names.py).
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 3 # days
      matches_suffix = [".part"]
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  # A browser uploads to the session that a function opened, queries the session's progress, or cancels it. The browser
  # sends Content-Range and reads Range. A player of a web page reads a recording by its signed URL, in ranges.
  dynamic "cors" {
    for_each = length(var.cors_origins) > 0 ? [var.cors_origins] : []
    content {
      origin          = cors.value
      method          = ["GET", "PUT", "DELETE"]
      response_header = ["Content-Type", "Content-Range", "Range"]
      max_age_seconds = 3600
    }
  }

  depends_on = [terraform_data.keys_in_effect]
}

# Speech-to-Text writes plaintext transcripts here. A function encrypts each one and deletes the object within seconds;
# the lifecycle rule deletes objects that no function handled.
resource "google_storage_bucket" "results" {
  #checkov:skip=CKV_GCP_62: The project's audit log has every read and write of this bucket (audit.tf); access logs would repeat them.
  #checkov:skip=CKV_GCP_78: A plaintext transcript must be gone once it is encrypted. Versions would keep it.
  name                        = "${var.project}-results"
  location                    = var.region
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  encryption {
    default_kms_key_name = google_kms_crypto_key.storage.id
  }

  versioning {
    enabled = false
  }

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 1 # days
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  depends_on = [terraform_data.keys_in_effect]
}

# Exported reports, which a client fetches by a signed URL. The product keeps what it must keep in the database: a file
# here can be made again, the signed PDF with the same bytes.
resource "google_storage_bucket" "exports" {
  #checkov:skip=CKV_GCP_62: The project's audit log has every read and write of this bucket (audit.tf); access logs would repeat them.
  #checkov:skip=CKV_GCP_78: A report must not stay here after its days. Versions would keep it.
  name                        = "${var.project}-exports"
  location                    = var.region
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  encryption {
    default_kms_key_name = google_kms_crypto_key.storage.id
  }

  versioning {
    enabled = false
  }

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  # A day longer than the product gives URLs (shared/records/reports/exporting.py).
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 8 # days
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  # A web page may read a file by its signed URL; it never writes one.
  dynamic "cors" {
    for_each = length(var.cors_origins) > 0 ? [var.cors_origins] : []
    content {
      origin          = cors.value
      method          = ["GET"]
      response_header = ["Content-Type", "Content-Disposition"]
      max_age_seconds = 3600
    }
  }

  depends_on = [terraform_data.keys_in_effect]
}

# Audio that arrives in pieces while it is recorded. It has a bucket of its own, so that no event of an object starts a
# function before the whole is verified, and nothing that only reads recordings can read a piece.
resource "google_storage_bucket" "pieces" {
  #checkov:skip=CKV_GCP_62: The project's audit log has every read and write of this bucket (audit.tf); access logs would repeat them.
  #checkov:skip=CKV_GCP_78: An erased piece must be gone. Versions would keep it.
  name                        = "${var.project}-pieces"
  location                    = var.region
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  encryption {
    default_kms_key_name = google_kms_crypto_key.storage.id
  }

  versioning {
    enabled = false
  }

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  # The product deletes the pieces of a recording once the whole is transcribed. Those of a visit that nobody ever
  # completes go by this rule.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 30 # days
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  depends_on = [terraform_data.keys_in_effect]
}
