# The functions of the catalogue: each has its own account and archive, and only its trigger may call it. Anybody may
# call the HTTP functions through the load balancer; their code verifies the token.
variable "public_invoker" {
  description = "How HTTP functions are open to the load balancer: allUsers (a grant), or unchecked where the organisation forbids that grant (infra/open-functions.sh)."
  type        = string
  default     = "allUsers"

  validation {
    condition     = contains(["allUsers", "unchecked"], var.public_invoker)
    error_message = "allUsers, or unchecked in an organisation with domain-restricted sharing."
  }
}

locals {
  # Calling account of each kind of function.
  invokers = {
    event    = google_service_account.events
    task     = google_service_account.tasks
    schedule = google_service_account.schedules
  }

  # Cloud Run's own address of each function. Google accepts it as the audience of an identity token
  # (cloud.google.com/run/docs/configuring/custom-audiences: "always remains as an accepted audience value").
  function_urls = {
    for name, function in local.functions : name => replace(local.environment.FUNCTION_URL, "{function}", function.service)
  }
}

resource "google_service_account" "function" {
  for_each = local.functions

  account_id   = "fn-${each.value.service}"
  display_name = "Function ${each.value.service}"
  description  = "Account of the function ${each.value.service}; nothing else runs as it."

  lifecycle {
    precondition {
      condition     = can(regex("^fn-[a-z0-9-]{3,27}$", "fn-${each.value.service}"))
      error_message = "functions.yaml: the name ${each.key} does not fit: an account's name, with fn- before it, has 6 to 30 lower-case letters, digits and hyphens."
    }
    precondition {
      condition     = length(setsubtract(each.value.uses, local.known_uses)) == 0
      error_message = "functions.yaml: ${each.key} uses ${join(", ", setsubtract(each.value.uses, local.known_uses))}, which infra/grants.tf does not know."
    }
    precondition {
      condition     = length(setsubtract(each.value.secrets, keys(local.catalogue.secrets))) == 0
      error_message = "functions.yaml: ${each.key} lists the secret ${join(", ", setsubtract(each.value.secrets, keys(local.catalogue.secrets)))}, which is not among the secrets of the catalogue."
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_cloudfunctions2_function" "function" {
  for_each = local.functions

  name        = each.value.service
  location    = var.region
  description = "functions/${each.key}"

  build_config {
    # The newest version that the product supports; generally available for second-generation functions.
    runtime           = "python313"
    entry_point       = each.value.target
    service_account   = google_service_account.build.id
    docker_repository = google_artifact_registry_repository.functions.id

    # The buildpack compiles the sources (`compileall -f`), and the image then gets other file times. Compiled files
    # validated by time would be stale and compiled again at each cold start. With this variable Python validates them
    # by the hash of their source (docs.python.org/3/library/py_compile.html).
    environment_variables = { SOURCE_DATE_EPOCH = "315532800" }

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.archive[each.key].name
      }
    }
  }

  service_config {
    available_memory                 = each.value.memory
    available_cpu                    = tostring(each.value.cpu)
    timeout_seconds                  = each.value.timeout
    max_instance_request_concurrency = each.value.concurrency
    min_instance_count               = each.value.min_instances
    max_instance_count               = each.value.max_instances
    service_account_email            = google_service_account.function[each.key].email
    all_traffic_on_latest_revision   = true
    environment_variables            = local.environment_of[each.key]

    # Calls from Eventarc, Cloud Tasks and Cloud Scheduler of the same project to run.app are internal
    # (cloud.google.com/run/docs/securing/ingress).
    ingress_settings = each.value.kind == "http" ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_INTERNAL_ONLY"

    # `latest`: each instance reads the newest version when it starts. Version numbers would differ between
    # environments, and each rotation would need a change here. After a rotation, keep the old value valid until all
    # instances are new.
    dynamic "secret_environment_variables" {
      for_each = toset(each.value.secrets)
      content {
        key        = secret_environment_variables.value
        project_id = var.project
        secret     = google_secret_manager_secret.secret[secret_environment_variables.value].secret_id
        version    = "latest"
      }
    }
  }

  dynamic "event_trigger" {
    for_each = each.value.kind == "event" ? [local.event_sources[each.key]] : []
    content {
      event_type            = each.value.event
      trigger_region        = event_trigger.value.region
      service_account_email = google_service_account.events.email
      retry_policy          = "RETRY_POLICY_RETRY" # at-least-once delivery: handlers accept duplicates

      dynamic "event_filters" {
        for_each = event_trigger.value.filters
        content {
          attribute = event_filters.value.attribute
          value     = event_filters.value.value
          operator  = event_filters.value.operator
        }
      }
    }
  }

  depends_on = [terraform_data.grants_in_effect]
}

resource "google_cloud_run_v2_service_iam_member" "public" {
  for_each = { for name, function in local.http_functions : name => function if var.public_invoker == "allUsers" }

  name     = google_cloudfunctions2_function.function[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = merge(local.event_functions, local.task_functions, local.schedule_functions)

  name     = google_cloudfunctions2_function.function[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "serviceAccount:${local.invokers[each.value.kind].email}"
}
