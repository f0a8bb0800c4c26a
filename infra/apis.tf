# The APIs that the product and its deployment call, and the Google service agents that must exist before a grant.
# infra/bootstrap.sh enables the few that Terraform itself needs first; they are repeated here for completeness.
locals {
  apis = [
    "aiplatform.googleapis.com", # Gemini
    "apikeys.googleapis.com",
    "artifactregistry.googleapis.com",
    "billingbudgets.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudkms.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "cloudscheduler.googleapis.com",
    "cloudtasks.googleapis.com",
    "compute.googleapis.com", # the load balancer
    "eventarc.googleapis.com",
    "fcm.googleapis.com", # Firebase Cloud Messaging
    "firebaserules.googleapis.com",
    "firestore.googleapis.com",
    "iam.googleapis.com",
    "iamcredentials.googleapis.com",
    "identitytoolkit.googleapis.com", # Identity Platform
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "pubsub.googleapis.com", # Eventarc's transport
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "securetoken.googleapis.com", # renews the users' tokens
    "serviceusage.googleapis.com",
    "speech.googleapis.com",
    "storage.googleapis.com",
  ]

  # Google creates these service agents at the first use of the API, and rejects a grant to a missing agent.
  agents = concat([
    "artifactregistry.googleapis.com",
    "eventarc.googleapis.com",
    "secretmanager.googleapis.com",
    "speech.googleapis.com",
  ], var.firestore_cmek ? ["firestore.googleapis.com"] : [])
}

resource "google_project_service" "api" {
  for_each = toset(local.apis)

  service = each.value

  # An API removed from the list stays enabled: its resources may still exist.
  disable_on_destroy = false
}

resource "google_project_service_identity" "agent" {
  provider = google-beta
  for_each = toset(local.agents)

  service = google_project_service.api[each.value].service
}
