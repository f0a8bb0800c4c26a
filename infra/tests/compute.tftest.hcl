# The planned functions, with their identities, triggers, builds and grants.
variables {
  project          = "synapse-offline"
  region           = "asia-south1"
  builds_in_region = true
  environment      = "staging"
  domain           = "api.example.org"
  alert_email      = "oncall@example.org"
  cors_origins     = ["https://app.example.org"]

  speech_languages = ["en-IN"]

  smtp_host          = "relay.example.org"
  smtp_user          = "synapse"
  mail_from          = "practice@example.org"
  twilio_account_sid = "AC00000000000000000000000000000000"
  sms_sender         = "MG00000000000000000000000000000000"
  twilio_region      = "ie1"
  twilio_edge        = "dublin"
}

run "functions_and_their_callers" {
  command = plan

  assert {
    condition     = keys(google_cloudfunctions2_function.function) == keys(local.catalogue.functions)
    error_message = "The deployed functions are exactly those of the catalogue."
  }
  assert {
    condition     = alltrue([for name, function in google_cloudfunctions2_function.function : function.name == replace(name, "_", "-")])
    error_message = "A function is deployed under its name with hyphens."
  }
  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.function : function.build_config[0].runtime == "python313"])
    error_message = "Every function runs on Python 3.13."
  }
  assert {
    condition = alltrue([
      for name, function in google_cloudfunctions2_function.function :
      function.service_config[0].ingress_settings == (local.catalogue.functions[name].kind == "http" ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_INTERNAL_ONLY")
    ])
    error_message = "Ingress: the load balancer reaches the HTTP functions; only Google services of this project reach the others."
  }
  assert {
    condition     = google_cloudfunctions2_function.function["write_report"].service_config[0].timeout_seconds == 300
    error_message = "A function's own settings override the defaults."
  }
  assert {
    condition = alltrue([
      for name, function in google_cloudfunctions2_function.function :
      toset(keys(function.service_config[0].environment_variables)) == toset(keys(local.environment_of[name])) && alltrue([for value in values(function.service_config[0].environment_variables) : length(value) > 0])
    ])
    error_message = "Every function has the variables of its settings, each with a value."
  }
  assert {
    condition     = toset(keys(google_cloudfunctions2_function.function["on_transcript_ready"].service_config[0].environment_variables)) == toset(["GOOGLE_CLOUD_PROJECT", "FIRESTORE_DATABASE", "DATA_KEY", "INVOKER_ACCOUNT", "INVOKER_AUDIENCE", "LOG_LEVEL", "RESULTS_BUCKET", "TASKS_LOCATION", "FUNCTION_URL", "TASKS_ACCOUNT", "THREADS"])
    error_message = "on_transcript_ready has exactly the variables of Project, Keys, Logs, Invoker, Results and Tasks, and its threads."
  }

  assert {
    condition = alltrue([
      for name, function in google_cloudfunctions2_function.function :
      function.service_config[0].service_account_email == "fn-${function.name}@synapse-offline.iam.gserviceaccount.com"
    ])
    error_message = "Every function runs as an account of its own, never as the default one."
  }
  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.function : endswith(function.build_config[0].service_account, "/build-functions@synapse-offline.iam.gserviceaccount.com")])
    error_message = "The build account builds every function."
  }
  assert {
    condition     = length(distinct([for account in concat(values(google_service_account.function), [google_service_account.events, google_service_account.tasks, google_service_account.schedules, google_service_account.build]) : account.account_id])) == length(google_cloudfunctions2_function.function) + 4
    error_message = "No two purposes share an account."
  }

  assert {
    condition     = { for name, member in google_cloud_run_v2_service_iam_member.public : name => member.name } == { for name, function in local.catalogue.functions : name => replace(name, "_", "-") if function.kind == "http" }
    error_message = "Exactly the HTTP functions are public."
  }
  assert {
    condition     = alltrue([for member in google_cloud_run_v2_service_iam_member.public : member.member == "allUsers" && member.role == "roles/run.invoker"])
    error_message = "Anybody may invoke the HTTP functions: their code verifies the tokens."
  }
  assert {
    condition = {
      for name, member in google_cloud_run_v2_service_iam_member.invoker : name => "${member.name} ${split("@", member.member)[0]}"
      } == {
      for name, function in local.catalogue.functions :
      name => "${replace(name, "_", "-")} serviceAccount:trigger-${function.kind}s" if function.kind != "http"
    }
    error_message = "Only the account of its trigger may call an event, task or schedule function."
  }

  assert {
    condition     = toset([for name, function in google_cloudfunctions2_function.function : name if length(function.event_trigger) > 0]) == toset([for name, function in local.catalogue.functions : name if function.kind == "event"])
    error_message = "Exactly the event functions have an event trigger."
  }
  assert {
    condition = alltrue([
      for trigger in flatten(values(google_cloudfunctions2_function.function)[*].event_trigger) :
      trigger.retry_policy == "RETRY_POLICY_RETRY" && startswith(trigger.service_account_email, "trigger-events@") && trigger.trigger_region == "asia-south1"
    ])
    error_message = "An event trigger retries, delivers as the events account, and is in the region of its source."
  }
  assert {
    condition = (google_cloudfunctions2_function.function["on_audio_uploaded"].event_trigger[0].event_type == "google.cloud.storage.object.v1.finalized"
    && [for filter in google_cloudfunctions2_function.function["on_audio_uploaded"].event_trigger[0].event_filters : "${filter.attribute}=${filter.value}"] == ["bucket=synapse-offline-audio"])
    error_message = "on_audio_uploaded receives events of finalized recordings."
  }
  assert {
    condition = (google_cloudfunctions2_function.function["on_session_completed"].event_trigger[0].event_type == "google.cloud.firestore.document.v1.written"
      && toset([for filter in google_cloudfunctions2_function.function["on_session_completed"].event_trigger[0].event_filters : join(" ", compact([filter.attribute, filter.operator, filter.value]))]) == toset([
        "database (default)", "namespace (default)", "document match-path-pattern clinics/{clinic}/sessions/{session}",
    ]))
    error_message = "on_session_completed receives events of written sessions, by a path pattern."
  }
}

run "triggers_and_grants_follow_the_database_name" {
  command = plan

  variables {
    firestore_database = "clinics"
  }

  assert {
    condition     = contains([for filter in google_cloudfunctions2_function.function["on_session_completed"].event_trigger[0].event_filters : filter.value if filter.attribute == "database"], "clinics")
    error_message = "The triggers use the name of the database."
  }
  assert {
    condition     = google_project_iam_member.function["patients/database"].condition[0].expression == "resource.name == \"projects/synapse-offline/databases/clinics\""
    error_message = "The grants use the name of the database."
  }
}

run "schedules_queues_grants_and_builds" {
  command = plan

  # Accounts of builds and triggers are explicit: bootstrap.sh disables the default one.
  assert {
    condition = alltrue([
      for function in google_cloudfunctions2_function.function :
      function.build_config[0].service_account == google_service_account.build.id && function.build_config[0].runtime == "python313"
      && startswith(function.service_config[0].service_account_email, "fn-")
    ])
    error_message = "A function is built or runs as a default account, or with another Python than the generally available one."
  }

  assert {
    condition     = keys(google_cloud_scheduler_job.tick) == [for name, function in local.catalogue.functions : name if function.kind == "schedule"]
    error_message = "Every schedule function has a job."
  }
  assert {
    condition = alltrue([
      for job in google_cloud_scheduler_job.tick :
      job.http_target[0].uri == "https://${job.name}-123456789012.asia-south1.run.app" && job.http_target[0].http_method == "POST" && job.http_target[0].oidc_token[0].audience == job.http_target[0].uri && startswith(job.http_target[0].oidc_token[0].service_account_email, "trigger-schedules@")
    ])
    error_message = "A schedule calls its function with a token of the schedules account, whose audience is that function."
  }
  assert {
    condition     = google_cloud_scheduler_job.tick["sweep_stalled"].schedule == "*/10 * * * *" && google_cloud_scheduler_job.tick["sweep_stalled"].time_zone == "Etc/UTC"
    error_message = "sweep_stalled is called every ten minutes, in its own zone."
  }
  assert {
    condition = alltrue([
      for name, queue in google_cloud_tasks_queue.queue :
      queue.retry_config[0].max_attempts == local.catalogue.queues[name].max_attempts && queue.retry_config[0].min_backoff == local.catalogue.queues[name].min_backoff && endswith(queue.retry_config[0].max_backoff, "s") && queue.rate_limits[0].max_concurrent_dispatches > 0
    ])
    error_message = "A queue has the retries of the catalogue and a rate."
  }

  assert {
    condition     = google_project_iam_member.function["patients/database"].condition[0].expression == "resource.name == \"projects/synapse-offline/databases/(default)\""
    error_message = "A function may use only this database."
  }
  assert {
    condition     = alltrue([for member in google_project_iam_member.function : !contains(["roles/owner", "roles/editor", "roles/viewer"], member.role) && !endswith(member.role, ".admin") && !endswith(member.role, "Admin")])
    error_message = "No function has a basic or an administrator's role."
  }
  assert {
    condition     = { for id, member in google_storage_bucket_iam_member.function : id => "${member.bucket} ${basename(member.role)}" if startswith(id, "sessions/") } == { "sessions/recordings.read" = "synapse-offline-audio storage.objectViewer", "sessions/recordings.upload" = "synapse-offline-audio storage.objectCreator" }
    error_message = "sessions may only create and read recordings."
  }
  assert {
    condition = {
      for id, member in google_service_account_iam_member.own_account :
      id => [basename(member.role), member.member == "serviceAccount:${google_service_account.function[split("/", id)[0]].email}" && member.service_account_id == google_service_account.function[split("/", id)[0]].name]
    } == { for name in ["reports", "sessions"] : "${name}/own_account.sign" => ["synapseOwnSigner", true] }
    error_message = "Only reports and sessions sign, and only as themselves."
  }
  assert {
    condition     = [for id, member in google_kms_crypto_key_iam_member.function : id if member.role == "roles/cloudkms.signer"] == ["export_report/report_signing", "reports/report_signing"]
    error_message = "Only reports and export_report may sign."
  }
  assert {
    condition     = toset(keys(google_service_account_iam_member.function)) == toset([for id in keys(google_cloud_tasks_queue_iam_member.function) : split("/", id)[0]])
    error_message = "Exactly the functions that enqueue tasks may act as the account of the tasks' tokens."
  }
  assert {
    condition     = { for id, member in google_storage_bucket_iam_member.speech_agent : id => member.member } == { for id in ["recordings", "results"] : id => "serviceAccount:service-123456789012@gcp-sa-speech.iam.gserviceaccount.com" }
    error_message = "The service agent of Speech-to-Text reads recordings and writes results."
  }
  assert {
    condition     = !contains(google_project_iam_custom_role.speech_reader.permissions, "storage.objects.create") && !contains(google_project_iam_custom_role.speech_writer.permissions, "storage.objects.delete")
    error_message = "The service agent of Speech-to-Text neither writes recordings nor deletes anything."
  }

  assert {
    condition     = alltrue([for name, object in google_storage_bucket_object.archive : object.name == "${replace(name, "_", "-")}/${filesha256("../build/archives/${name}.zip")}.zip"])
    error_message = "The object name of an archive contains the hash of its content."
  }
  assert {
    condition = alltrue([
      for name, function in google_cloudfunctions2_function.function :
      function.build_config[0].source[0].storage_source[0].object == google_storage_bucket_object.archive[name].name && function.build_config[0].source[0].storage_source[0].bucket == "synapse-offline-source"
    ])
    error_message = "A function is built from its own archive."
  }
  assert {
    condition     = google_storage_bucket.source.public_access_prevention == "enforced" && google_storage_bucket.source.uniform_bucket_level_access && endswith(google_storage_bucket.source.encryption[0].default_kms_key_name, "/storage")
    error_message = "The bucket of the archives is private and encrypted with the key for storage."
  }
  assert {
    condition     = endswith(google_artifact_registry_repository.functions.kms_key_name, "/storage") && contains([for policy in google_artifact_registry_repository.functions.cleanup_policies : policy.action], "KEEP")
    error_message = "The images are encrypted with the key for storage, and the last ones are kept."
  }
  assert {
    condition     = strcontains(google_project_iam_member.build_source_copies.condition[0].expression, "buckets/gcf-v2-sources-123456789012-asia-south1")
    error_message = "The build reads only the buckets of the source copies."
  }
}

run "an_unstaged_archive_is_rejected" {
  command = plan

  variables {
    archives = "nowhere"
  }

  expect_failures = [google_storage_bucket_object.archive]
}
