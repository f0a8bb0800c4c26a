# Cloud Tasks: the queues of the catalogue. A task is retried with exponential backoff until its function accepts it.
resource "google_cloud_tasks_queue" "queue" {
  for_each = local.catalogue.queues

  name     = each.key
  location = var.region

  rate_limits {
    max_dispatches_per_second = each.value.max_dispatches_per_second
    max_concurrent_dispatches = each.value.max_concurrent_dispatches
  }

  retry_config {
    max_attempts  = each.value.max_attempts
    min_backoff   = each.value.min_backoff
    max_backoff   = each.value.max_backoff
    max_doublings = each.value.max_doublings
  }

  # Logs every attempt. A task's name is a hash and its URL is a function's, so the log has no private data.
  stackdriver_logging_config {
    sampling_ratio = 1
  }

  depends_on = [google_project_service.api]
}

resource "google_service_account" "tasks" {
  account_id   = "trigger-tasks"
  display_name = "Triggers: tasks"
  description  = "Cloud Tasks calls the task functions as this account; nobody else may call them."

  depends_on = [google_project_service.api]
}
