# Eventarc: where each event function's events come from, who delivers them, and what Google's own accounts need for it.
locals {
  # A trigger is in the place of its source: the buckets' region, or the database's, which may be a multi-region
  # (cloud.google.com/eventarc/docs/locations). The captures of a path pattern, such as {clinic}, match one part of the
  # path each (cloud.google.com/eventarc/docs/path-patterns).
  event_sources = {
    for name, function in local.event_functions : name => {
      region = can(function.bucket) ? var.region : google_firestore_database.clinics.location_id
      filters = can(function.bucket) ? tolist([
        { attribute = "bucket", value = local.environment[function.bucket], operator = null },
        ]) : tolist([
        { attribute = "database", value = google_firestore_database.clinics.name, operator = null },
        { attribute = "namespace", value = "(default)", operator = null },
        { attribute = "document", value = function.document, operator = "match-path-pattern" },
      ])
    }
  }
}

resource "google_service_account" "events" {
  account_id   = "trigger-events"
  display_name = "Triggers: events"
  description  = "Eventarc delivers events to the event functions as this account; nobody else may call them."

  depends_on = [google_project_service.api]
}

# A trigger's account receives for its project: there is no narrower place to grant it.
resource "google_project_iam_member" "event_receiver" {
  project = var.project
  role    = "roles/eventarc.eventReceiver"
  member  = "serviceAccount:${google_service_account.events.email}"
}

# Google grants this when the API is enabled, but sometimes minutes later, and the first trigger then fails.
resource "google_project_iam_member" "event_agent" {
  #checkov:skip=CKV_GCP_49: The role is Google's own for this account, which Google grants by itself too; here it only comes in time.
  project = var.project
  role    = "roles/eventarc.serviceAgent"
  member  = "serviceAccount:${google_project_service_identity.agent["eventarc.googleapis.com"].email}"
}

# Cloud Storage tells of its objects through a topic that Eventarc makes, whose name is not known before
# (cloud.google.com/eventarc/docs/run/route-trigger-cloud-storage). Pub/Sub's service agent needs no grant: only one from
# before April 2021 has to be allowed to make tokens.
data "google_storage_project_service_account" "this" {
  project = var.project
}

resource "google_project_iam_member" "storage_events" {
  project = var.project
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${data.google_storage_project_service_account.this.email_address}"
}
