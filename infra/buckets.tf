# Recordings and transcripts in the clear. What is deleted here is gone at once: no versions, no soft delete. Object names
# hold ids only.

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

  # No rule by age: a recording is part of the clinical record until the product deletes it, and no product code would
  # notice that it went. An upload that never ends leaves no object; Google forgets a resumable one after a week, and the
  # parts of a multipart one by this rule.
  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  # A browser sends the bytes to the session that a function opened for it, asks how far it came, or gives up. It sends
  # Content-Range, and reads Range.
  dynamic "cors" {
    for_each = length(var.cors_origins) > 0 ? [var.cors_origins] : []
    content {
      origin          = cors.value
      method          = ["PUT", "DELETE"]
      response_header = ["Content-Type", "Content-Range", "Range"]
      max_age_seconds = 3600
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.storage_agents]
}

# Speech-to-Text writes here what was said, in the clear. A function seals it and deletes the object within seconds; the
# rule is for what no function met.
resource "google_storage_bucket" "results" {
  #checkov:skip=CKV_GCP_62: The project's audit log has every read and write of this bucket (audit.tf); access logs would repeat them.
  #checkov:skip=CKV_GCP_78: A transcript in the clear must be gone once it is sealed. Versions would keep it.
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

  depends_on = [google_kms_crypto_key_iam_member.storage_agents]
}
