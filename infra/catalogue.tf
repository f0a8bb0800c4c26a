# The catalogue of functions in Terraform. functions.yaml explains each entry.
locals {
  catalogue = yamldecode(file("${path.module}/functions.yaml"))

  # By catalogue name, which is the folder of the code. `service` is the deployed name, without underscores.
  functions = {
    for name, entry in local.catalogue.functions :
    name => merge({ max_instances = local.max_instances }, local.catalogue.defaults, entry, { service = replace(name, "_", "-") })
  }

  # Cloud Run refuses a function whose instances could exceed the vCPU that the project has in the region.
  max_instances = var.max_instances > 0 ? var.max_instances : var.environment == "production" ? 10 : 3

  http_functions = { for name, function in local.functions : name => merge(function, {
    paths     = concat(try([function.path], []), try(function.more_paths, []))
    sub_paths = try(function.sub_paths, [])
  }) if function.kind == "http" }
  event_functions    = { for name, function in local.functions : name => function if function.kind == "event" }
  task_functions     = { for name, function in local.functions : name => function if function.kind == "task" }
  schedule_functions = { for name, function in local.functions : name => function if function.kind == "schedule" }

  # Environment of each function: the variables of the settings groups that it reads, and the threads of its server. The
  # Functions Framework takes four for each CPU without THREADS, and further requests of an instance would wait.
  environment_of = {
    for name, function in local.functions : name => merge({ THREADS = tostring(function.concurrency) }, {
      for variable in distinct(flatten([for group in function.settings : local.catalogue.settings[group]])) :
      variable => lookup(local.environment, variable, lookup(local.invoker_environment[name], variable, null))
    })
  }

  # The code of a function that a trigger calls accepts identity tokens of this account and for this URL only
  # (shared/workflows/invoker.py).
  invoker_environment = {
    for name, function in local.functions : name => function.kind == "http" ? {} : {
      INVOKER_ACCOUNT  = local.invokers[function.kind].email
      INVOKER_AUDIENCE = local.function_urls[name]
    }
  }

  environment = {
    GOOGLE_CLOUD_PROJECT = var.project
    FIRESTORE_DATABASE   = google_firestore_database.clinics.name
    DATA_KEY             = google_kms_crypto_key.clinics.id
    SIGNING_KEY          = google_kms_crypto_key.report_signing.id
    SIGNING_KEY_VERSION  = var.signing_key_version
    AUDIO_BUCKET         = google_storage_bucket.audio.name
    RESULTS_BUCKET       = google_storage_bucket.results.name
    EXPORTS_BUCKET       = google_storage_bucket.exports.name
    PIECES_BUCKET        = google_storage_bucket.pieces.name
    SPEECH_LOCATION      = var.speech_location
    SPEECH_MODEL         = var.speech_model
    SPEECH_LANGUAGES     = join(",", var.speech_languages)
    CHECK_AFTER_SECONDS  = "60"
    TASKS_LOCATION       = var.region
    TASKS_ACCOUNT        = google_service_account.tasks.email
    # Cloud Run's deterministic service URL, known before the service exists: functions enqueue tasks for each other.
    FUNCTION_URL    = "https://{function}-${data.google_project.this.number}.${var.region}.run.app"
    WRITER_LOCATION = var.writer_location
    WRITER_MODEL    = var.writer_model
    CORS_ORIGINS    = join(",", var.cors_origins)
    LOG_LEVEL       = var.log_level

    PUBLIC_URL         = "https://${var.domain}"
    SMTP_HOST          = var.smtp_host
    SMTP_PORT          = tostring(var.smtp_port)
    SMTP_USER          = var.smtp_user
    MAIL_FROM          = var.mail_from
    MAIL_BOUNCES       = coalesce(var.mail_bounces, var.mail_from, "-")
    TWILIO_ACCOUNT_SID = var.twilio_account_sid
    TWILIO_REGION      = var.twilio_region
    TWILIO_EDGE        = var.twilio_edge
    SMS_SENDER         = var.sms_sender

    SHOWN_RECORDS_PER_HOUR = tostring(var.shown_records_per_hour)
  }
}

data "google_project" "this" {
  project_id = var.project
}
