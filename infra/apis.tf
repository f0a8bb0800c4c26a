# The APIs of apis.txt, and the Google service agents that must exist before a grant.
locals {
  api_lines = [
    for line in split("\n", file("${path.module}/apis.txt")) : compact(split(" ", trimspace(split("#", line)[0])))
  ]
  apis = [for words in local.api_lines : words[0] if length(words) > 0]
  agents = concat(
    [for words in local.api_lines : words[0] if contains(words, "agent")],
    var.firestore_cmek ? ["firestore.googleapis.com"] : [],
  )
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
