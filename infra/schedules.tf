# Cloud Scheduler jobs, one for each function of kind schedule.
resource "google_cloud_scheduler_job" "tick" {
  for_each = local.schedule_functions

  name             = each.value.service
  region           = var.region
  description      = "Calls the function ${each.value.service}."
  schedule         = each.value.schedule
  time_zone        = each.value.zone
  attempt_deadline = "${max(15, each.value.timeout)}s" # Scheduler's minimum is 15 s

  # After three retries, the next scheduled run takes over.
  retry_config {
    retry_count          = 3
    min_backoff_duration = "10s"
    max_backoff_duration = "60s"
    max_doublings        = 2
  }

  http_target {
    http_method = "POST"
    uri         = local.function_urls[each.key]

    # A POST without a body may be refused for lack of a Content-Length (411).
    headers = { "Content-Type" = "application/json" }
    body    = base64encode("{}")

    oidc_token {
      service_account_email = google_service_account.schedules.email
      audience              = local.function_urls[each.key]
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.invoker]
}

resource "google_service_account" "schedules" {
  account_id   = "trigger-schedules"
  display_name = "Triggers: schedules"
  description  = "Cloud Scheduler calls the schedule functions as this account; nobody else may call them."

  depends_on = [google_project_service.api]
}
