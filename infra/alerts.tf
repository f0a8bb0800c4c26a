# When somebody is woken, and what they should do first. docs/operations.md says more on each.
#
# Conditions are in PromQL, which can ask for a ratio and a least number at once; Google has deprecated its own query
# language. Metrics appear with their first data, and a condition on a metric that is not there yet is refused unless its
# validation is off. Cloud Scheduler publishes no metrics: that a schedule works is seen at its function.
locals {
  services = { for kind in ["http", "event", "task", "schedule"] : kind => [
    for function in local.functions : function.service if function.kind == kind
  ] }
  job_services = concat(local.services.event, local.services.task, local.services.schedule)

  api_requests  = "loadbalancing_googleapis_com:https_request_count{monitored_resource=\"https_lb_rule\",url_map_name=\"${google_compute_url_map.api.name}\""
  run_requests  = "run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\""
  job_requests  = "${local.run_requests},service_name=~\"${join("|", local.job_services)}\""
  task_attempts = "cloudtasks_googleapis_com:queue_task_attempt_count{monitored_resource=\"cloud_tasks_queue\""
  google_calls  = "serviceruntime_googleapis_com:api_request_count{monitored_resource=\"consumed_api\""
  uptime        = "{monitored_resource=\"uptime_url\",host=\"${var.domain}\"}"

  # What the functions write when they find a job stuck: shared/workflows/sweep.py. An upload that was opened and never
  # made is closed there too; that is the user's choice and no fault, unless it could not be closed.
  stalled_jobs = <<-EOT
    resource.type="cloud_run_revision"
    jsonPayload.logger="synapse.jobs"
    jsonPayload.message="stalled job"
    NOT (jsonPayload.kind="recording" AND jsonPayload.action!="none")
  EOT

  # After how long without a good run a schedule counts as silent: half of it is the window, half the time that it must last,
  # so that a new deployment does not begin with an alert. Every schedule of the catalogue is here.
  silence_minutes = {
    sweep_stalled = 40
  }
}

resource "google_monitoring_notification_channel" "email" {
  display_name = "On call, ${var.environment}"
  type         = "email"
  labels       = { email_address = var.alert_email }

  depends_on = [google_project_service.api]
}

# For the dashboard; the alert below matches the lines themselves, so that it comes at once and names the kind.
resource "google_logging_metric" "stalled_jobs" {
  name        = "stalled_jobs"
  description = "Jobs that waited too long and were handled by the sweeper, by kind and by what it did."
  filter      = local.stalled_jobs

  label_extractors = {
    kind   = "EXTRACT(jsonPayload.kind)"
    action = "EXTRACT(jsonPayload.action)"
  }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key         = "kind"
      value_type  = "STRING"
      description = "What stalled."
    }
    labels {
      key         = "action"
      value_type  = "STRING"
      description = "What was done; none when it could not be handled."
    }
  }

  depends_on = [google_project_service.api]
}

# From outside, over TLS, through the load balancer and its rules, into a function: only our code answers a request
# without a token with this problem.
resource "google_monitoring_uptime_check_config" "api" {
  display_name = "API, ${var.environment}"
  period       = "300s"
  timeout      = "30s" # a cold start is no outage

  http_check {
    path         = "/api/v1/profile"
    port         = 443
    use_ssl      = true
    validate_ssl = true

    accepted_response_status_codes {
      status_value = 401
    }
  }

  content_matchers {
    content = "unauthenticated"
    matcher = "CONTAINS_STRING"
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project
      host       = var.domain
    }
  }

  depends_on = [google_project_service.api]
}

locals {
  metric_alerts = merge({
    api_down = {
      title    = "The API does not answer"
      severity = "CRITICAL"
      lasting  = "300s"
      query    = "avg(avg_over_time(monitoring_googleapis_com:uptime_check_check_passed${local.uptime}[10m])) < 0.5"
      meaning  = "Most checks from outside got no 401 from GET /api/v1/profile, which is what a request without a token should get."
      first    = "Call it with curl -v. No connection or a wrong certificate: look at DNS and the load balancer. 403: Cloud Armor. 5xx: the logs of the function profile. If it began with a deployment, roll back (docs/deploy.md)."
    }

    api_errors = {
      title    = "The API fails"
      severity = "CRITICAL"
      lasting  = "0s"
      # At least five, for at night one error may be all there is; and not more, for a small practice makes few requests.
      query   = <<-EOT
        sum(increase(${local.api_requests},response_code_class="500"}[15m])) / sum(increase(${local.api_requests}}[15m])) > 0.05
        and sum(increase(${local.api_requests},response_code_class="500"}[15m])) >= 5
      EOT
      meaning = "More than one request in twenty was answered with 5xx in the last 15 minutes, and at least five were."
      first   = "On the dashboard, see which function. Its log lines of severity ERROR name the exception and its place. Status 503 from one clinic only: contention, which passes. If it began with a deployment, roll back (docs/deploy.md)."
    }

    job_errors = {
      title    = "Jobs fail"
      severity = "ERROR"
      lasting  = "0s"
      # Task handlers answer 503 to what comes too early, so a few are right.
      query   = <<-EOT
        sum by (service_name) (increase(${local.job_requests},response_code_class="5xx"}[30m])) / sum by (service_name) (increase(${local.job_requests}}[30m])) > 0.3
        and sum by (service_name) (increase(${local.job_requests},response_code_class="5xx"}[30m])) >= 5
      EOT
      meaning = "In the last 30 minutes a function that is called by events, tasks or a schedule failed in more than three of ten deliveries, and at least five times. What fails is delivered again, so nothing is lost yet."
      first   = "Read that function's log lines of severity ERROR. Often a Google service refuses: see whether that alert is open as well."
    }

    tasks_refused = {
      title    = "Tasks are refused"
      severity = "ERROR"
      lasting  = "0s"
      query    = <<-EOT
        sum by (queue_id) (increase(${local.task_attempts},response_code!="ok"}[30m])) / sum by (queue_id) (increase(${local.task_attempts}}[30m])) > 0.5
        and sum by (queue_id) (increase(${local.task_attempts},response_code!="ok"}[30m])) >= 5
      EOT
      meaning  = "More than half of a queue's attempts in the last 30 minutes failed, and at least five did. Unlike the alert on jobs that fail, this sees attempts that never reached the function: a missing right to invoke it, a wrong address, no free instance."
      first    = "Look at the queue's attempts by response code on the dashboard. permission_denied or 403: the tasks account may not invoke the function; terraform plan shows what is missing. 429: the function is at its greatest number of instances."
    }

    queue_late = {
      title    = "Tasks come late"
      severity = "WARNING"
      lasting  = "300s"
      query    = "histogram_quantile(0.95, sum by (queue_id, le) (increase(cloudtasks_googleapis_com:queue_task_attempt_delays_bucket{monitored_resource=\"cloud_tasks_queue\"}[15m]))) > 300000"
      meaning  = "One attempt in twenty was made more than five minutes after it was due. Reports and transcriptions take that much longer."
      first    = "See the depth of the queue on the dashboard. If it grows, raise the rate of the queue or the greatest number of instances of its function in infra/functions.yaml, within the quotas of Speech-to-Text and Vertex AI."
    }

    queue_still = {
      title    = "A queue stands still"
      severity = "CRITICAL"
      lasting  = "0s"
      # Looks at a recognition are up to 30 minutes apart, so a queue that works attempts something in 45.
      query   = <<-EOT
        sum by (queue_id) (min_over_time(cloudtasks_googleapis_com:queue_depth{monitored_resource="cloud_tasks_queue"}[45m])) > 0
        unless sum by (queue_id) (increase(${local.task_attempts}}[45m])) > 0
      EOT
      meaning = "Tasks waited for 45 minutes and none was attempted. Nobody gets a transcription or a report."
      first   = "gcloud tasks queues describe QUEUE --location REGION. If it is paused, find out who did it and why (the audit log), then gcloud tasks queues resume."
    }

    events_late = {
      title    = "Events come late"
      severity = "ERROR"
      lasting  = "300s"
      query    = "max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource=\"pubsub_subscription\"}) > 900"
      meaning  = "An event has been waiting for more than 15 minutes: its function fails, may not be invoked, or is at its greatest number of instances. The subscription's name has that of the function's trigger in it. After a day events are dropped; the sweeper finds most of what they meant."
      first    = "Read the log lines of severity ERROR of that function, then its requests by status on the dashboard. No requests at all: the events account may not invoke it; terraform plan shows what is missing."
    }

    google_refuses = {
      title    = "A Google service refuses"
      severity = "ERROR"
      lasting  = "0s"
      query    = <<-EOT
        sum by (service, response_code) (increase(${local.google_calls},service=~"(aiplatform|cloudkms|cloudtasks|firestore|speech|storage)[.]googleapis[.]com",response_code=~"403|429|5.."}[15m])) >= 10
      EOT
      meaning  = "At least ten calls of one Google service failed in 15 minutes with 403 (a right is missing, or a key is disabled), 429 (a quota) or 5xx (Google)."
      first    = "403 from cloudkms or firestore: patient records cannot be opened; look in the audit log for who changed a key or a grant, and restore it. 429: ask for a higher quota. 5xx: status.cloud.google.com; the jobs go on by themselves when it is over."
    }

    certificate = {
      title    = "The certificate expires"
      severity = "ERROR"
      lasting  = "600s"
      query    = "min(monitoring_googleapis_com:uptime_check_time_until_ssl_cert_expires${local.uptime}) < 15"
      meaning  = "The certificate that the API shows ends in less than 15 days. Google renews it about a month ahead, so the renewal fails."
      first    = "The DNS of ${var.domain} must point to the load balancer's address only, and no CAA record may forbid Google's authority. gcloud compute ssl-certificates describe shows the reason."
    }
    }, {
    for name, function in local.schedule_functions : "${name}_silent" => {
      title    = "${name} does not run"
      severity = "ERROR"
      lasting  = "${local.silence_minutes[name] / 2 * 60}s"
      # No sample at all means none ran, too.
      query   = "(sum(increase(${local.run_requests},service_name=\"${function.service}\",response_code_class=\"2xx\"}[${local.silence_minutes[name] / 2}m])) or vector(0)) < 0.5"
      meaning = "${name} has had no good run for ${local.silence_minutes[name]} minutes. Its schedule is ${function.schedule}, ${function.zone}."
      first   = "gcloud scheduler jobs describe shows the last attempt and its status. PERMISSION_DENIED: the schedules account may not invoke the function; terraform plan shows what is missing. Otherwise read the function's log lines of severity ERROR."
    }
  })

  log_alerts = {
    stalled_job = {
      title    = "A job was stuck"
      severity = "ERROR"
      filter   = local.stalled_jobs
      labels   = { kind = "EXTRACT(jsonPayload.kind)", action = "EXTRACT(jsonPayload.action)" }
      meaning  = "The sweeper found a job that waited too long. The line says what it did: the job goes on or was failed with a reason, or action is none and it could not be handled."
      first    = "Read the line: kind, id, clinic_id and action, and for action none the error. One alone: a process died, and this was its repair. Several: something before it is broken; look at the other alerts and at the queues."
    }

    code_error = {
      title    = "The code failed"
      severity = "ERROR"
      filter   = <<-EOT
        resource.type="cloud_run_revision"
        jsonPayload.logger=~"^synapse[.]"
        severity>=ERROR
        jsonPayload.message!="stalled job"
      EOT
      labels   = { message = "EXTRACT(jsonPayload.message)" }
      meaning  = "A function met what nobody foresaw, or dropped a delivery that makes no sense. It may be too rare for the alerts on ratios."
      first    = "Read the line: error names the exception and its places, operation or delivery what it was about. logging.googleapis.com/trace leads to the rest of the request. Write a test that shows it, then mend it."
    }

    keys_changed = {
      title    = "A key was changed"
      severity = "CRITICAL"
      filter   = <<-EOT
        log_id("cloudaudit.googleapis.com/activity")
        protoPayload.serviceName="cloudkms.googleapis.com"
        protoPayload.methodName=~"((Destroy|Update)CryptoKeyVersion|UpdateCryptoKey(PrimaryVersion)?|SetIamPolicy)$"
      EOT
      labels   = { method = "EXTRACT(protoPayload.methodName)" }
      meaning  = "A version of a key was disabled or set to be destroyed, its rotation was changed, or who may use it. Without its keys every patient record is unreadable, for ever once a version is destroyed."
      first    = "Was it a planned deployment? If not, gcloud kms keys versions restore, then enable: a version can be restored until the time at which it is destroyed, 30 days after the order. Then find out who it was, from protoPayload.authenticationInfo, and take away their access."
    }

    audit_changed = {
      title    = "What is audited was changed"
      severity = "CRITICAL"
      filter   = <<-EOT
        log_id("cloudaudit.googleapis.com/activity")
        (
          protoPayload.methodName=~"^google[.]logging[.]v2[.]ConfigServiceV2[.](Update|Delete)(Bucket|Sink|Exclusion|View|CmekSettings|Settings)"
          OR protoPayload.methodName=~"^google[.]logging[.]v2[.]ConfigServiceV2[.]CreateExclusion"
          OR (protoPayload.methodName="SetIamPolicy" AND protoPayload.serviceData.policyDelta.auditConfigDeltas:*)
        )
      EOT
      labels   = { method = "EXTRACT(protoPayload.methodName)" }
      meaning  = "Somebody changed a log bucket, a sink, an exclusion or which calls are recorded: from then on, traces may be missing."
      first    = "Was it a planned deployment? If not, run terraform apply to restore it, find out who it was from protoPayload.authenticationInfo, and look at what they did since."
    }
  }
}

resource "google_monitoring_alert_policy" "metric" {
  for_each = local.metric_alerts

  display_name          = each.value.title
  severity              = each.value.severity
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.email.id]

  conditions {
    display_name = each.value.title

    condition_prometheus_query_language {
      query                     = trimspace(each.value.query)
      duration                  = each.value.lasting
      evaluation_interval       = "60s"
      disable_metric_validation = true
    }
  }

  documentation {
    mime_type = "text/markdown"
    subject   = "${each.value.title} (${var.environment})"
    content   = "${each.value.meaning}\n\n**First:** ${each.value.first}"
  }
}

resource "google_monitoring_alert_policy" "log" {
  for_each = local.log_alerts

  display_name          = each.value.title
  severity              = each.value.severity
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.email.id]

  conditions {
    display_name = each.value.title

    condition_matched_log {
      filter           = each.value.filter
      label_extractors = each.value.labels
    }
  }

  # A policy on lines must have a limit; each value of its labels has a limit of its own.
  alert_strategy {
    auto_close = "86400s"

    notification_rate_limit {
      period = "3600s"
    }
  }

  documentation {
    mime_type = "text/markdown"
    subject   = "${each.value.title} (${var.environment})"
    content   = "${each.value.meaning}\n\n**First:** ${each.value.first}"
  }
}
