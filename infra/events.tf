# Eventarc: the source of each event function's events, the delivering account, and the grants of Google's agents.
locals {
  # A trigger must be in the location of its source: the buckets' region, or the database's location, which may be a
  # multi-region (cloud.google.com/eventarc/docs/locations). Each capture of a path pattern, such as {clinic}, matches
  # one segment of the path (cloud.google.com/eventarc/docs/path-patterns).
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

# The role to receive events can be granted only on the project.
resource "google_project_iam_member" "event_receiver" {
  project = var.project
  role    = "roles/eventarc.eventReceiver"
  member  = "serviceAccount:${google_service_account.events.email}"
}

# Google grants this role when the API is enabled, but sometimes minutes late; the first trigger would then fail (waits.tf).
resource "google_project_iam_member" "event_agent" {
  #checkov:skip=CKV_GCP_49: Google grants this account the same role by itself; this grant only comes in time.
  project = var.project
  role    = "roles/eventarc.serviceAgent"
  member  = "serviceAccount:${google_project_service_identity.agent["eventarc.googleapis.com"].email}"
}

# Cloud Storage publishes object events to a topic that Eventarc creates under a name not known beforehand
# (cloud.google.com/eventarc/docs/run/route-trigger-cloud-storage). Pub/Sub's service agent needs no grant: only agents
# from before April 2021 need the permission to make tokens.
data "google_storage_project_service_account" "this" {
  project = var.project
}

resource "google_project_iam_member" "storage_events" {
  project = var.project
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${data.google_storage_project_service_account.this.email_address}"
}
