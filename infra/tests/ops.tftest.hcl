# The planned audit log, alerts, dashboard and budget.
variables {
  project          = "synapse-offline"
  region           = "asia-south1"
  builds_in_region = true
  environment      = "staging"
  domain           = "api.example.org"
  alert_email      = "oncall@example.org"
  cors_origins     = ["https://app.example.org"]

  speech_languages = ["en-IN"]
}

# One run for all assertions on the default variables, because each run plans everything.
run "defaults" {
  command = plan

  # The audit log is kept and encrypted, and can be deleted until the deployment is accepted.
  assert {
    condition     = google_logging_project_bucket_config.audit.retention_days == 2555
    error_message = "The audit log is kept for seven years."
  }
  assert {
    condition     = !google_logging_project_bucket_config.audit.locked && google_logging_project_bucket_config.audit.deletion_policy == "DELETE"
    error_message = "The audit log of a first deployment is locked: a wrong region would cost the project."
  }
  assert {
    condition     = google_logging_project_bucket_config.audit.location == var.region
    error_message = "The audit log is in the region, as its key is."
  }
  assert {
    condition     = google_logging_project_bucket_config.audit.cmek_settings[0].kms_key_name == google_kms_crypto_key.logs.id
    error_message = "The audit log is encrypted with the key for logs."
  }
  assert {
    condition     = length(google_logging_log_view_iam_member.audit_reader) == 0
    error_message = "Only named readers may read the audit log."
  }

  # Sinks into the audit log.
  assert {
    condition     = alltrue([for sink in google_logging_project_sink.audit : sink.destination == "logging.googleapis.com/${google_logging_project_bucket_config.audit.id}"])
    error_message = "Every sink writes to the audit log."
  }
  assert {
    condition     = strcontains(google_logging_project_sink.audit["product"].filter, "jsonPayload.logger=\"synapse.audit\"")
    error_message = "A sink selects the digests of the product's audit trail."
  }
  assert {
    condition = alltrue([
      for log in ["activity", "data_access", "system_event", "policy"] :
      strcontains(google_logging_project_sink.audit["google"].filter, "log_id(\"cloudaudit.googleapis.com/${log}\")")
    ])
    error_message = "A sink selects all four of Google's audit logs."
  }
  assert {
    condition     = google_logging_project_exclusion.audit_digests.filter == google_logging_project_sink.audit["product"].filter
    error_message = "_Default excludes exactly the digests that the audit log has."
  }

  # Data access is audited, except the functions' access to the database.
  assert {
    condition = keys(google_project_iam_audit_config.service) == [
      "cloudkms.googleapis.com", "datastore.googleapis.com", "iam.googleapis.com", "identitytoolkit.googleapis.com",
      "secretmanager.googleapis.com", "storage.googleapis.com",
    ]
    error_message = "Access to data, keys, secrets, accounts and recordings is audited."
  }
  assert {
    condition = alltrue([
      for config in google_project_iam_audit_config.service :
      toset(config.audit_log_config[*].log_type) == toset(["ADMIN_READ", "DATA_READ", "DATA_WRITE"])
    ])
    error_message = "Reads, writes and reads of the configuration are audited."
  }
  assert {
    condition = alltrue(flatten([
      for name, config in google_project_iam_audit_config.service : [
        for log in config.audit_log_config :
        try(length(log.exempted_members), 0) == (name == "datastore.googleapis.com" && log.log_type != "ADMIN_READ" ? length(google_service_account.function) : 0)
      ]
    ]))
    error_message = "Only the functions are exempt, and only from the audit of database reads and writes."
  }

  # Every alert is sent and has instructions.
  assert {
    condition     = google_monitoring_notification_channel.email.labels["email_address"] == var.alert_email
    error_message = "Alerts are sent to the configured address."
  }
  assert {
    condition = alltrue([
      for policy in concat(values(google_monitoring_alert_policy.metric), values(google_monitoring_alert_policy.log)) :
      length(policy.notification_channels) == 1 && policy.enabled != false
    ])
    error_message = "Every alert is enabled and has a notification channel."
  }
  assert {
    condition = alltrue([
      for policy in concat(values(google_monitoring_alert_policy.metric), values(google_monitoring_alert_policy.log)) :
      length(split("**First:** ", policy.documentation[0].content)) == 2
      && alltrue([for part in split("**First:** ", policy.documentation[0].content) : length(part) > 60])
    ])
    error_message = "Every alert has its meaning and a first step."
  }
  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.log : try(policy.alert_strategy[0].notification_rate_limit[0].period, "") != ""])
    error_message = "Google rejects a log alert without a rate limit."
  }
  assert {
    condition = alltrue([
      for policy in google_monitoring_alert_policy.metric :
      policy.conditions[0].condition_prometheus_query_language[0].disable_metric_validation
    ])
    error_message = "In a new project a metric does not exist before its first data point, so metric validation must be off."
  }
  assert {
    condition = alltrue([
      for name in ["api_down", "api_errors", "job_errors", "queue_late", "queue_still", "events_late", "certificate"] :
      contains(keys(google_monitoring_alert_policy.metric), name)
    ]) && contains(keys(google_monitoring_alert_policy.log), "stalled_job")
    error_message = "Alerts exist for outages, error ratios, age of queues and stuck jobs."
  }
  assert {
    condition = alltrue([
      for name, function in yamldecode(file("functions.yaml")).functions :
      strcontains(google_monitoring_alert_policy.metric["${name}_silent"].conditions[0].condition_prometheus_query_language[0].query, "service_name=\"${replace(name, "_", "-")}\"")
      if function.kind == "schedule"
    ])
    error_message = "Every schedule has an alert on its silence."
  }
  assert {
    condition = alltrue([
      for name, function in yamldecode(file("functions.yaml")).functions :
      contains(split("|", regex("service_name=~\"([^\"]+)\"", google_monitoring_alert_policy.metric["job_errors"].conditions[0].condition_prometheus_query_language[0].query)[0]), replace(name, "_", "-")) == (function.kind != "http")
    ])
    error_message = "The alert on job errors covers all jobs and no HTTP function; the load balancer's metrics cover those."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.metric["tasks_refused"].conditions[0].condition_prometheus_query_language[0].query, "response_code!=\"ok\"")
    error_message = "The alert on refused tasks does not read the response code as Cloud Tasks writes it."
  }

  # The uptime check calls the API from outside.
  assert {
    condition = (
      google_monitoring_uptime_check_config.api.monitored_resource[0].labels["host"] == var.domain
      && google_monitoring_uptime_check_config.api.http_check[0].use_ssl
      && google_monitoring_uptime_check_config.api.http_check[0].validate_ssl
      && google_monitoring_uptime_check_config.api.http_check[0].accepted_response_status_codes[0].status_value == 401
    )
    error_message = "The uptime check calls the API over TLS and expects the response to a request without a token."
  }
  assert {
    condition = alltrue([
      for name in ["api_down", "certificate"] :
      strcontains(google_monitoring_alert_policy.metric[name].conditions[0].condition_prometheus_query_language[0].query, "host=\"${var.domain}\"")
    ])
    error_message = "The alerts use the metrics of the uptime check."
  }

  # One dashboard shows every function.
  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.operations.dashboard_json).mosaicLayout.tiles) >= 12
    error_message = "The dashboard has at least 12 charts."
  }
  assert {
    condition = alltrue([
      for name in keys(yamldecode(file("functions.yaml")).functions) :
      can(regex("[\"|]${replace(name, "_", "-")}[\"|\\\\]", google_monitoring_dashboard.operations.dashboard_json))
    ])
    error_message = "Every function of the catalogue is on the dashboard."
  }
  assert {
    condition = alltrue(flatten([
      for tile in jsondecode(google_monitoring_dashboard.operations.dashboard_json).mosaicLayout.tiles :
      [for set in tile.widget.xyChart.dataSets : length(set.timeSeriesQuery.prometheusQuery) > 0]
    ]))
    error_message = "Every line on the dashboard has a query."
  }
  assert {
    condition = alltrue([
      for metric in [
        "https_request_count", "https_total_latencies_bucket", "request_latencies_bucket", "queue_depth", "container_instance_count",
        "document_read_ops_count", "document_write_ops_count", "service=\\\"cloudkms.googleapis.com\\\"", "user_stalled_jobs",
        "user_live_pieces", "user_live_delay_bucket", "user_live_refused", "user_live_gaps",
      ] : strcontains(google_monitoring_dashboard.operations.dashboard_json, metric)
    ])
    error_message = "Requests, latencies, queues, instances, Firestore, KMS, stuck jobs and live audio are on the dashboard."
  }

  # Without a billing account there is no budget.
  assert {
    condition     = length(google_billing_budget.month) == 0
    error_message = "A budget needs a billing account."
  }
}

run "production_with_a_locked_audit_log" {
  command = plan

  variables {
    environment          = "production"
    lock_audit_log       = true
    audit_retention_days = 365
  }

  assert {
    condition     = google_logging_project_bucket_config.audit.locked && google_logging_project_bucket_config.audit.retention_days == 365
    error_message = "The audit log has the configured retention and lock."
  }
  assert {
    condition     = google_logging_project_bucket_config.audit.deletion_policy == "ABANDON"
    error_message = "A locked bucket cannot be deleted, so `terraform destroy` must leave it behind."
  }
  assert {
    condition = alltrue([
      for name, function in google_cloudfunctions2_function.function :
      function.service_config[0].max_instance_count == (local.catalogue.functions[name].kind == "schedule" ? 1 : 10)
    ])
    error_message = "A function of production takes ten instances, which new projects have; a schedule one."
  }
}

run "named_readers_may_read_the_audit_log" {
  command = plan

  variables {
    audit_readers = ["group:audit@example.org"]
  }

  assert {
    condition = alltrue([
      for reader in google_logging_log_view_iam_member.audit_reader :
      reader.role == "roles/logging.viewAccessor" && reader.bucket == google_logging_project_bucket_config.audit.bucket_id
      && reader.location == google_logging_project_bucket_config.audit.location && reader.name == "_AllLogs"
    ]) && keys(google_logging_log_view_iam_member.audit_reader) == ["group:audit@example.org"]
    error_message = "A named reader may read this log only."
  }
}

run "a_public_reader_is_rejected" {
  command = plan

  variables {
    audit_readers = ["allAuthenticatedUsers"]
  }

  expect_failures = [var.audit_readers]
}

run "the_budget_warns_in_advance" {
  command = plan

  variables {
    billing_account = "012345-6789AB-CDEF01"
    monthly_budget  = 450
  }

  assert {
    condition     = google_billing_budget.month[0].budget_filter[0].projects == toset(["projects/${data.google_project.this.number}"])
    error_message = "The budget covers this project."
  }
  assert {
    condition     = google_billing_budget.month[0].amount[0].specified_amount[0].units == "450"
    error_message = "The budget has the configured amount."
  }
  assert {
    condition     = tolist([for rule in google_billing_budget.month[0].threshold_rules : rule.threshold_percent if rule.spend_basis == "CURRENT_SPEND"]) == tolist([0.5, 0.9, 1])
    error_message = "The budget warns at 50, 90 and 100 percent."
  }
  assert {
    condition     = anytrue([for rule in google_billing_budget.month[0].threshold_rules : rule.spend_basis == "FORECASTED_SPEND" && rule.threshold_percent == 1])
    error_message = "The budget warns when the forecast exceeds it."
  }
  assert {
    condition     = length(google_billing_budget.month[0].all_updates_rule[0].monitoring_notification_channels) == 1
    error_message = "The budget notifies the on-call address."
  }
}
