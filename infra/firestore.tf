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

  depends_on = [google_project_service.api, terraform_data.keys_in_effect]
}

locals {
  firestore = yamldecode(file("${path.module}/firestore.yaml"))

  # The fields of an index: equalities first, the sort order last; ascending unless stated.
  indexes = [
    for index in local.firestore.indexes : {
      collection = index.collection
      scope      = index.scope
      fields     = concat(index.equal, [for field in try(index.contains, []) : "${field} contains"], index.order)
    }
  ]
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

# The fields of the map `sealed` inherit its exemption.
resource "google_firestore_field" "sealed" {
  for_each = toset(local.firestore.sealed_collections)

  database   = google_firestore_database.clinics.name
  collection = each.value
  field      = "sealed"

  index_config {}
}

resource "google_firestore_field" "unqueried" {
  for_each = merge([
    for collection, fields in local.firestore.unqueried_fields :
    { for field in fields : "${collection}.${field}" => { collection = collection, field = field } }
  ]...)

  database   = google_firestore_database.clinics.name
  collection = each.value.collection
  field      = each.value.field

  index_config {}
}

resource "google_firestore_field" "ttl" {
  for_each = local.firestore.ttl_fields

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
