# The database, its indexes, and its security rules for apps that listen to it directly.

resource "google_firestore_database" "clinics" {
  name        = var.firestore_database
  location_id = var.region
  type        = "FIRESTORE_NATIVE"

  # Every state of the last seven days can be read, so erased data is gone seven days later.
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = "DELETE_PROTECTION_ENABLED"

  dynamic "cmek_config" {
    for_each = google_kms_crypto_key.firestore[*].id
    content {
      kms_key_name = cmek_config.value
    }
  }

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.api, google_kms_crypto_key_iam_member.firestore]
}

locals {
  # Composite indexes of the queries in shared/store/queries.py, which infra/queries.json lists; `make infra-check`
  # compares. Equality fields come first, the order last; ascending by default. Only the sweep queries across clinics;
  # all lists are newest first.
  indexes = [
    { collection = "appointments", scope = "COLLECTION", fields = ["live", "patient_id", "created_at descending"] },
    { collection = "bills", scope = "COLLECTION", fields = ["live", "patient_id", "created_at descending"] },
    { collection = "patients", scope = "COLLECTION", fields = ["live", "tokens contains", "created_at descending"] },
    { collection = "recordings", scope = "COLLECTION_GROUP", fields = ["live", "status", "updated_at"] },
    { collection = "reports", scope = "COLLECTION", fields = ["live", "patient_id", "created_at descending"] },
    { collection = "reports", scope = "COLLECTION_GROUP", fields = ["live", "status", "updated_at"] },
    { collection = "sessions", scope = "COLLECTION", fields = ["live", "patient_id", "created_at descending"] },
    { collection = "transcriptions", scope = "COLLECTION_GROUP", fields = ["live", "status", "updated_at"] },
    { collection = "users", scope = "COLLECTION", fields = ["live", "created_at descending"] },
    { collection = "users", scope = "COLLECTION", fields = ["disabled", "live", "roles contains", "created_at descending"] },
  ]

  # Collections whose documents contain ciphertexts: those of shared/records, and the stored responses of idempotency.
  sealed_collections = [
    "appointments", "bills", "bodies", "clinics", "patients", "profiles", "recordings", "reports", "requests", "sessions",
    "templates", "transcriptions", "users",
  ]

  # Fields without single-field indexes, because they are large or should be stored only once: search tokens are queried
  # through composite indexes (every query includes `live`); wrapped keys and authentication codes are read with their
  # document.
  unqueried_fields = {
    audit        = ["mac", "origin"]
    keys         = ["audit", "clinic", "search"]
    patient_keys = ["care", "retained"]
    patients     = ["care", "tokens"]
  }
}

resource "google_firestore_index" "composite" {
  for_each = { for index in local.indexes : "${index.collection}: ${join(", ", index.fields)}" => index }

  database    = google_firestore_database.clinics.name
  collection  = each.value.collection
  query_scope = each.value.scope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path   = split(" ", fields.value)[0]
      order        = endswith(fields.value, " contains") ? null : endswith(fields.value, " descending") ? "DESCENDING" : "ASCENDING"
      array_config = endswith(fields.value, " contains") ? "CONTAINS" : null
    }
  }
}

# Ciphertexts are not indexed: no query can use them, and each index entry would cost a write. The map's fields inherit
# this.
resource "google_firestore_field" "sealed" {
  for_each = toset(local.sealed_collections)

  database   = google_firestore_database.clinics.name
  collection = each.value
  field      = "sealed"

  index_config {}
}

resource "google_firestore_field" "unqueried" {
  for_each = merge([
    for collection, fields in local.unqueried_fields :
    { for field in fields : "${collection}.${field}" => { collection = collection, field = field } }
  ]...)

  database   = google_firestore_database.clinics.name
  collection = each.value.collection
  field      = each.value.field

  index_config {}
}

# Deletes stored responses after 24 hours (usually within another day; the code also checks the time). An index on
# increasing times would only slow writes down.
resource "google_firestore_field" "ttl" {
  for_each = { requests = "expires_at" }

  database   = google_firestore_database.clinics.name
  collection = each.key
  field      = each.value

  ttl_config {}
  index_config {}
}

# Security rules. A ruleset is immutable: changed content makes a new ruleset, created before the release moves to it;
# the old one is deleted last. The release has one fixed name, so it is replaced in place; meanwhile apps see nothing.
resource "google_firebaserules_ruleset" "firestore" {
  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/../firestore.rules")
    }
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_firestore_database.clinics]
}

resource "google_firebaserules_release" "firestore" {
  name         = var.firestore_database == "(default)" ? "cloud.firestore" : "cloud.firestore/${var.firestore_database}"
  ruleset_name = google_firebaserules_ruleset.firestore.name

  lifecycle {
    replace_triggered_by = [google_firebaserules_ruleset.firestore]
  }
}
