# Builds of the functions: the bucket of the staged archives, the registry of the images, and the build account.
variable "archives" {
  description = "Folder of the archives of `python -m local stage`, relative to Terraform's working directory."
  type        = string
  default     = "../build/archives"
}

locals {
  archives      = { for name in keys(local.functions) : name => "${var.archives}/${name}.zip" }
  rollback_days = 90
}

resource "google_storage_bucket" "source" {
  #checkov:skip=CKV_GCP_62: The project's audit log has every read and write of this bucket (audit.tf); access logs would repeat them.
  name                        = "${var.project}-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true # staging the same commit again makes the same bytes

  encryption {
    default_kms_key_name = google_kms_crypto_key.storage.id
  }

  # A replaced archive is kept for as long as its image.
  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = local.rollback_days
    }
  }

  depends_on = [terraform_data.keys_in_effect]
}

resource "google_storage_bucket_object" "archive" {
  for_each = local.archives

  # The name contains the hash of the content, so changed content makes a new object and rebuilds this function only.
  name   = "${local.functions[each.key].service}/${fileexists(each.value) ? filesha256(each.value) : "missing"}.zip"
  bucket = google_storage_bucket.source.name
  source = each.value

  lifecycle {
    precondition {
      condition     = fileexists(each.value)
      error_message = "The archive ${each.value} is not staged. Run: python -m local stage"
    }
  }
}

resource "google_artifact_registry_repository" "functions" {
  repository_id = "functions"
  location      = var.region
  format        = "DOCKER"
  description   = "Images of the functions, as Cloud Build makes them."
  kms_key_name  = google_kms_crypto_key.storage.id

  # Keep each function's last ten images, whatever their age, for rolling back.
  cleanup_policies {
    id     = "keep-last"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      tag_state  = "ANY"
      older_than = "${local.rollback_days * 24 * 3600}s"
    }
  }

  depends_on = [terraform_data.keys_in_effect]
}

resource "google_service_account" "build" {
  account_id   = "build-functions"
  display_name = "Builds of the functions"
  description  = "Reads the archives, writes images and build logs."

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "build_logs" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = "serviceAccount:${google_service_account.build.email}"
}

resource "google_artifact_registry_repository_iam_member" "build" {
  repository = google_artifact_registry_repository.functions.name
  location   = var.region
  role       = "roles/artifactregistry.writer"
  member     = "serviceAccount:${google_service_account.build.email}"
}

resource "google_storage_bucket_iam_member" "build_sources" {
  bucket = google_storage_bucket.source.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${google_service_account.build.email}"
}

# Cloud Functions copies each archive to its own bucket, which it creates with the first function. The build reads the
# copy (cloud.google.com/functions/docs/securing/build-custom-sa).
resource "google_project_iam_member" "build_source_copies" {
  project = var.project
  role    = "roles/storage.objectViewer"
  member  = "serviceAccount:${google_service_account.build.email}"

  condition {
    title      = "copies of the archives"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-${var.region}\")"
  }
}
