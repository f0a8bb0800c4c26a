# Alert policies, each with its meaning and a first step; docs/operations.md has the details.
#
# Conditions are in PromQL, which can combine a ratio with a minimum count; Google has deprecated its own query
# language. A metric exists only from its first data point on, and Google rejects a condition on a missing metric unless
# validation is off. Cloud Scheduler publishes no metrics, so schedules are monitored at their functions.
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

  # Log entries of the sweeper (shared/workflows/sweep.py) for stuck jobs. The sweeper also closes uploads that were
  # opened and never made, and ends offers of the waiting list: those are the users' choice and count only if that failed.
  stalled_jobs = <<-EOT
    resource.type="cloud_run_revision"
    jsonPayload.logger="synapse.jobs"
    jsonPayload.message="stalled job"
    NOT (jsonPayload.kind="recording" AND jsonPayload.action!="none")
    NOT (jsonPayload.kind="offer" AND jsonPayload.action!="none")
  EOT

  # Minutes without a successful run before the alert on a schedule fires: half is the query window, half the
  # condition's duration, so that a new deployment does not begin with an alert. Has an entry for every schedule of the
  # catalogue.
  silence_minutes = {
    remind_unsigned    = 240
    schedule_reminders = 240
    sweep_stalled      = 40
  }
}

resource "google_monitoring_notification_channel" "email" {
  display_name = "On call, ${var.environment}"
  type         = "email"
  labels       = { email_address = var.alert_email }

  depends_on = [google_project_service.api]
}

# For the dashboard. The alert below matches the log entries themselves: it fires at once and names the kind.
resource "google_logging_metric" "stalled_jobs" {
  name        = "stalled_jobs"
  description = "Stuck jobs that the sweeper handled, by kind and action."
  filter      = trimspace(local.stalled_jobs)

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
      description = "Kind of the stuck job."
    }
    labels {
      key         = "action"
      value_type  = "STRING"
      description = "Action of the sweeper; none if it could not handle the job."
    }
  }

  depends_on = [google_project_service.api]
}

# Checks the whole path from outside: TLS, load balancer, Cloud Armor, function. Only the product's code answers a
# request without a token with this problem.
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
      meaning  = "Most uptime checks did not get the expected 401 from GET /api/v1/profile, which they call without a token."
      first    = "Call it with curl -v. No connection or a wrong certificate: look at DNS and the load balancer. 403: Cloud Armor. 5xx: the logs of the function profile. If it began with a deployment, roll back (docs/upkeep.md)."
    }

    api_errors = {
      title    = "The API fails"
      severity = "CRITICAL"
      lasting  = "0s"
      # At least five errors: at night one error may be 100%. No higher minimum: a small practice makes few requests.
      query   = <<-EOT
        sum(increase(${local.api_requests},response_code_class="500"}[15m])) / sum(increase(${local.api_requests}}[15m])) > 0.05
        and sum(increase(${local.api_requests},response_code_class="500"}[15m])) >= 5
      EOT
      meaning = "More than 5% of the requests in the last 15 minutes got status 5xx, and at least five did."
      first   = "Find the function on the dashboard. Its log entries of severity ERROR name the exception and its source lines. Status 503 from one clinic only: contention, which passes. If it began with a deployment, roll back (docs/upkeep.md)."
    }

    job_errors = {
      title    = "Jobs fail"
      severity = "ERROR"
      lasting  = "0s"
      # Task handlers answer 503 to tasks that arrive too early, so a few 503s are normal.
      query   = <<-EOT
        sum by (service_name) (increase(${local.job_requests},response_code_class="5xx"}[30m])) / sum by (service_name) (increase(${local.job_requests}}[30m])) > 0.3
        and sum by (service_name) (increase(${local.job_requests},response_code_class="5xx"}[30m])) >= 5
      EOT
      meaning = "In the last 30 minutes a function called by events, tasks or a schedule failed more than 30% of its deliveries, and at least five. Failed deliveries are repeated, so nothing is lost yet."
      first   = "Read that function's log entries of severity ERROR. The usual cause is a Google service that refuses: check whether that alert is open as well."
    }

    tasks_refused = {
      title    = "Tasks are refused"
      severity = "ERROR"
      lasting  = "0s"
      query    = <<-EOT
        sum by (queue_id) (increase(${local.task_attempts},response_code!="ok"}[30m])) / sum by (queue_id) (increase(${local.task_attempts}}[30m])) > 0.5
        and sum by (queue_id) (increase(${local.task_attempts},response_code!="ok"}[30m])) >= 5
      EOT
      meaning  = "More than half of a queue's attempts in the last 30 minutes failed, and at least five did. Unlike the alert on failing jobs, this one counts attempts that never reached the function: a missing invoker role, a wrong address, no free instance."
      first    = "Look at the queue's attempts by response code on the dashboard. permission_denied or 403: the tasks account may not invoke the function; terraform plan shows the missing grant. 429: the function is at its maximum number of instances."
    }

    queue_late = {
      title    = "Tasks come late"
      severity = "WARNING"
      lasting  = "300s"
      query    = "histogram_quantile(0.95, sum by (queue_id, le) (increase(cloudtasks_googleapis_com:queue_task_attempt_delays_bucket{monitored_resource=\"cloud_tasks_queue\"}[15m]))) > 300000"
      meaning  = "5% of the attempts were made more than five minutes after they were due. Reports and transcriptions are late by as much."
      first    = "Look at the depth of the queue on the dashboard. If it grows, raise the rate of the queue in infra/functions.yaml or the variable max_instances, within the quotas of Speech-to-Text and Vertex AI."
    }

    queue_still = {
      title    = "A queue stands still"
      severity = "CRITICAL"
      lasting  = "0s"
      # Polls of a recognition are up to 30 minutes apart, so a working queue makes an attempt within 45 minutes.
      query   = <<-EOT
        sum by (queue_id) (min_over_time(cloudtasks_googleapis_com:queue_depth{monitored_resource="cloud_tasks_queue"}[45m])) > 0
        unless sum by (queue_id) (increase(${local.task_attempts}}[45m])) > 0
      EOT
      meaning = "Tasks waited for 45 minutes and none was attempted. Nobody gets a transcription or a report."
      first   = "gcloud tasks queues describe QUEUE --location REGION. If the queue is paused, find out who paused it and why (the audit log), then gcloud tasks queues resume."
    }

    events_late = {
      title    = "Events come late"
      severity = "ERROR"
      lasting  = "300s"
      query    = "max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource=\"pubsub_subscription\"}) > 900"
      meaning  = "An event has been waiting for more than 15 minutes: its function fails, may not be invoked, or is at its maximum number of instances. The subscription's name contains the name of the function's trigger. Events are dropped after a day; the sweeper recovers most of the jobs behind them."
      first    = "Read that function's log entries of severity ERROR, then its requests by status on the dashboard. No requests at all: the events account may not invoke the function; terraform plan shows the missing grant."
    }

    google_refuses = {
      title    = "A Google service refuses"
      severity = "ERROR"
      lasting  = "0s"
      query    = <<-EOT
        sum by (service, response_code) (increase(${local.google_calls},service=~"(aiplatform|cloudkms|cloudtasks|firestore|speech|storage)[.]googleapis[.]com",response_code=~"403|429|5.."}[15m])) >= 10
      EOT
      meaning  = "At least ten calls of one Google service failed in 15 minutes with 403 (a missing permission or a disabled key), 429 (a quota) or 5xx (Google)."
      first    = "403 from cloudkms or firestore: patient records cannot be decrypted; find the change of a key or a grant in the audit log and undo it. 429: ask for a higher quota. 5xx: status.cloud.google.com; the jobs resume by themselves afterwards."
    }

    # One refusal is no alert: the last pieces are a moment late when a doctor completes a visit, and the app repeats it.
    live_completion_refused = {
      title    = "Visits are not completed for missing audio"
      severity = "ERROR"
      lasting  = "0s"
      query    = "sum(increase(${replace(local.live_metrics.gaps, "}", ",reason=\"completion_refused\"}")}[30m])) >= 5"
      meaning  = "In 30 minutes the completion of a visit was refused five times because pieces of live audio are missing. They are on the recording devices, which do not get them through."
      first    = "On the dashboard, look at refused pieces and at the errors of the function live-audio. None: ask the clinics in the log entries whether a device is offline or was closed; GET /sessions/{id}/audio names the pieces. What cannot come any more, the doctor declares lost (docs/operations.md)."
    }

    live_text_fails = {
      title    = "Live audio does not become text"
      severity = "WARNING"
      lasting  = "0s"
      query    = <<-EOT
        sum(increase(${replace(local.live_metrics.pieces, "}", ",status=\"failed\"}")}[15m])) / sum(increase(${local.live_metrics.pieces}[15m])) > 0.2
        and sum(increase(${replace(local.live_metrics.pieces, "}", ",status=\"failed\"}")}[15m])) >= 10
      EOT
      meaning  = "Speech-to-Text recognised fewer than four of five pieces in 15 minutes. No audio is lost: the pieces are stored, and the whole recording is transcribed after the visit."
      first    = "The log entries \"short audio was not recognised\" have the reason. speech_quota: ask for a higher quota of Recognize. speech_refused: the model or the location does not take the request (shared/gateways/speech_models.json). Others: status.cloud.google.com."
    }

    certificate = {
      title    = "The certificate expires"
      severity = "ERROR"
      lasting  = "600s"
      query    = "min(monitoring_googleapis_com:uptime_check_time_until_ssl_cert_expires${local.uptime}) < 15"
      meaning  = "The API's certificate expires in less than 15 days. Google renews it about a month ahead, so the renewal is failing."
      first    = "The DNS of ${var.domain} must point to the load balancer's address only, and no CAA record may forbid Google's authority. gcloud compute ssl-certificates describe shows the reason."
    }
    }, {
    for name, function in local.schedule_functions : "${name}_silent" => {
      title    = "${name} does not run"
      severity = "ERROR"
      lasting  = "${local.silence_minutes[name] / 2 * 60}s"
      # `or vector(0)`: no sample at all also means no run.
      query   = "(sum(increase(${local.run_requests},service_name=\"${function.service}\",response_code_class=\"2xx\"}[${local.silence_minutes[name] / 2}m])) or vector(0)) < 0.5"
      meaning = "${name} has had no successful run for ${local.silence_minutes[name]} minutes. Its schedule is ${function.schedule}, ${function.zone}."
      first   = "gcloud scheduler jobs describe shows the last attempt and its status. PERMISSION_DENIED: the schedules account may not invoke the function; terraform plan shows the missing grant. Otherwise read the function's log entries of severity ERROR."
    }
  })

  log_alerts = {
    stalled_job = {
      title    = "A job was stuck"
      severity = "ERROR"
      filter   = local.stalled_jobs
      labels   = { kind = "EXTRACT(jsonPayload.kind)", action = "EXTRACT(jsonPayload.action)" }
      meaning  = "The sweeper found a job that waited too long. The log entry has the action taken: the job was resumed or failed with a reason; action none means that the sweeper could not handle it."
      first    = "Read the log entry: kind, id, clinic_id and action, and for action none the error. A single job: a process died, and the sweeper repaired its work. Several: an earlier step is broken; look at the other alerts and at the queues."
    }

    code_error = {
      title    = "The code failed"
      severity = "ERROR"
      filter   = <<-EOT
        resource.type="cloud_run_revision"
        jsonPayload.logger=~"^synapse[.]"
        severity>=ERROR
        jsonPayload.message!="stalled job"
        jsonPayload.logger!="synapse.security"
      EOT
      labels   = { message = "EXTRACT(jsonPayload.message)" }
      meaning  = "A function raised an unexpected exception, or dropped an invalid delivery. It may be too rare for the alerts on ratios."
      first    = "Read the log entry: error has the exception and its source lines; operation or delivery has the request. logging.googleapis.com/trace finds the other entries of the request. Write a test that reproduces the error, then fix it."
    }

    signature_invalid = {
      title    = "The signature of a report does not verify"
      severity = "CRITICAL"
      filter   = <<-EOT
        resource.type="cloud_run_revision"
        jsonPayload.logger="synapse.security"
        jsonPayload.message="signature invalid"
      EOT
      labels   = { reason = "EXTRACT(jsonPayload.reason)" }
      meaning  = "A signed report was read whose stored proof is not genuine, so nothing of it was shown. Only somebody who writes to the database without the API can cause this, except for the reason key_version_unavailable: a version of the signing key was disabled or destroyed."
      first    = "Reason key_version_unavailable: gcloud kms keys versions restore, then enable. Any other: treat it as an intrusion. Keep the document bodies/signed of the report (id in the log entry) and its earlier versions (point-in-time recovery, 7 days); find who wrote it in the data access log; then restore the genuine document (docs/operations.md)."
    }

    record_unreadable = {
      title    = "A record does not open"
      severity = "CRITICAL"
      filter   = <<-EOT
        resource.type="cloud_run_revision"
        jsonPayload.logger="synapse.security"
        jsonPayload.message="record does not open"
      EOT
      labels   = { kind = "EXTRACT(jsonPayload.kind)", reason = "EXTRACT(jsonPayload.reason)" }
      meaning  = "A stored document was altered, moved or is incomplete: its ciphertext does not open where it stands. Nobody could read it; nothing of it was shown. The product never writes such a document."
      first    = "Read the log entry: clinic_id, kind and id name the document. In the audit log, find who wrote to the database without the product since its last regular change. Do not repair it before it is copied as evidence (docs/operations.md)."
    }

    delivery_refused = {
      title    = "A delivery without the right identity was refused"
      severity = "ERROR"
      filter   = <<-EOT
        resource.type="cloud_run_revision"
        jsonPayload.logger="synapse.security"
        jsonPayload.message="delivery refused"
      EOT
      labels   = { reason = "EXTRACT(jsonPayload.reason)" }
      meaning  = "A request reached a function that only events, tasks or a schedule may call, and its identity token was missing or of another account. Cloud Run let it pass, so its own check is open or was changed. Nothing was done."
      first    = "gcloud run services get-iam-policy of the function: exactly its trigger account may invoke it. terraform plan shows a changed grant. reason audience for every delivery of an event function: its URL has a form that the code does not know (docs/operations.md)."
    }

    payment_event_refused = {
      title    = "An event of the payment provider was refused"
      severity = "ERROR"
      filter   = <<-EOT
        resource.type="cloud_run_revision"
        jsonPayload.logger="synapse.security"
        jsonPayload.message="payment event refused"
      EOT
      labels   = { clinic = "EXTRACT(jsonPayload.clinic_id)" }
      meaning  = "Somebody sent an event to a clinic's payment webhook whose signature is not of the clinic's secret. Nothing was booked. Either the secret at the provider differs from the one that the clinic's admin entered, so no online payment of this clinic is booked, or somebody tries to forge payments."
      first    = "Ask the clinic whether it changed the webhook secret at the provider, and to enter it again (docs/operations.md). The provider repeats its events for 24 hours and can replay those of 15 days."
    }

    payment_needs_person = {
      title    = "An online payment needs a person"
      severity = "WARNING"
      filter   = <<-EOT
        resource.type="cloud_run_revision"
        jsonPayload.logger="synapse.jobs"
        jsonPayload.message="payment needs a person"
      EOT
      labels   = { reason = "EXTRACT(jsonPayload.reason)", clinic = "EXTRACT(jsonPayload.clinic_id)" }
      meaning  = "The payment provider told of money that no rule can book: see reason. The clinic finds it at GET /bills/online-payments?needs_person=true. For event_unreadable there is no such payment: the event was signed, and has a form that the code does not know."
      first    = "Tell the clinic. event_unreadable: find the event by its id in the provider's dashboard; if its format changed, change shared/records/billing/provider_event.py, deploy, and replay it."
    }

    live_audio_gap = {
      title    = "Audio of a visit is missing"
      severity = "ERROR"
      filter   = "${local.live_lines}jsonPayload.message=\"gap in live audio\"\njsonPayload.reason!=\"completion_refused\""
      labels   = { reason = "EXTRACT(jsonPayload.reason)", clinic = "EXTRACT(jsonPayload.clinic_id)" }
      meaning  = "reason silent: a visit runs and its recorder has sent nothing for long; what it recorded is on the device only. reason declared_lost: a doctor declared pieces lost; transcript, report and PDF say so."
      first    = "silent: ask the clinic to look at the recording device before the visit ends: offline, asleep, or closed. It sends what it has once it is back. declared_lost: ask what happened to the device; several of one clinic mean a cause in its network or its app (docs/operations.md)."
    }

    writer_model_retires = {
      title    = "The writer's model will be retired"
      severity = "WARNING"
      filter   = <<-EOT
        resource.type="cloud_run_revision"
        jsonPayload.logger="synapse.jobs"
        jsonPayload.message="writer model retires"
      EOT
      labels   = { reason = "EXTRACT(jsonPayload.reason)" }
      meaning  = "Google retires writer_model within 90 days, or has done so: see reason. From then on every report fails with writer_error_404."
      first    = "Choose the model's successor, draft reports of test visits with it, then change writer_model, plan and apply (docs/settings.md)."
    }

    strange_object = {
      title    = "A strange object was deleted"
      severity = "ERROR"
      filter   = <<-EOT
        resource.type="cloud_run_revision"
        jsonPayload.logger="synapse.security"
        jsonPayload.message="strange object deleted"
      EOT
      labels   = { kind = "EXTRACT(jsonPayload.kind)", reason = "EXTRACT(jsonPayload.reason)" }
      meaning  = "An object that the product did not announce was put into the bucket of recordings or of results, and was deleted. Somebody with write access to the bucket put it there, or the record of an upload was deleted meanwhile."
      first    = "In the log bucket audit, find storage.objects.create on that bucket at that time and its caller. reason unknown_recording, from a service account of ours, shortly after a patient was deleted: harmless. Anything else: revoke the caller's access (docs/operations.md)."
    }

    shown_quota = {
      title    = "Somebody was shown too many records"
      severity = "ERROR"
      filter   = <<-EOT
        resource.type="cloud_run_revision"
        jsonPayload.logger="synapse.security"
        jsonPayload.message="quota of shown records exceeded"
      EOT
      labels   = { clinic_id = "EXTRACT(jsonPayload.clinic_id)", user_id = "EXTRACT(jsonPayload.user_id)" }
      meaning  = "A person of a clinic was shown more patient records in an hour than shown_records_per_hour allows. Their reads are refused until the hour ends. Either an app polls far too often, or somebody copies records, perhaps with a stolen sign-in."
      first    = "In the audit trail, read what user_id did in this hour: the same records again and again are an app, ever new ones are a copy. For a copy, have an admin of the clinic disable the user, and follow docs/operations.md."
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
      meaning  = "A key version was disabled or scheduled for destruction, or a key's rotation or access policy was changed. Without its keys every patient record is unreadable; once a version is destroyed, for ever."
      first    = "Was it a planned deployment? If not, gcloud kms keys versions restore, then enable: a version can be restored until its destruction, 30 days after the request. Then find the caller in protoPayload.authenticationInfo and revoke their access."
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
      meaning  = "A log bucket, a sink, an exclusion or the set of audited calls was changed. Audit entries may be missing from then on."
      first    = "Was it a planned deployment? If not, run terraform apply to restore it, find the caller in protoPayload.authenticationInfo, and review everything that they did since."
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
      filter           = trimspace(each.value.filter)
      label_extractors = each.value.labels
    }
  }

  # Google requires a rate limit on log alerts. Each combination of label values is limited separately.
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
