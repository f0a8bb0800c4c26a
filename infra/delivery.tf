# Continuous delivery: a push to main is tested and planned; the plan waits for a person's approval, and then exactly
# that plan is applied. Exists only when `repository` is set. A person runs the first apply (docs/deploy.md).

variable "repository" {
  description = "Source repository in Cloud Build (2nd gen), as projects/P/locations/L/connections/C/repositories/R; empty for none."
  type        = string
  default     = ""

  validation {
    condition     = var.repository == "" || can(regex("^projects/[^/]+/locations/[^/]+/connections/[^/]+/repositories/[^/]+$", var.repository))
    error_message = "A repository is written projects/P/locations/L/connections/C/repositories/R."
  }
}

variable "state_bucket" {
  description = "Bucket of the Terraform state and of terraform.tfvars, made by infra/bootstrap.sh; required with a repository."
  type        = string
  default     = ""

  validation {
    condition     = var.repository == "" || var.state_bucket != ""
    error_message = "With a repository, state_bucket says where the state is."
  }
}

variable "approvers" {
  description = "Who may approve a plan, such as user:ada@example.org or group:operators@example.org."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.approvers : can(regex("^(user|group):[^@\\s]+@[^@\\s]+$", member))])
    error_message = "Each approver is a person or a group: user:ada@example.org or group:operators@example.org."
  }
}

locals {
  deliver = var.repository == "" ? 0 : 1

  # A trigger must be in the location of its repository's connection.
  delivery_location = local.deliver == 0 ? var.region : split("/", var.repository)[3]

  # Roles that a plan needs to read each service's configuration. None of them reads patient data. roles/viewer would,
  # and so would the viewer roles of Firestore, Storage and Firebase Auth; planning_permissions replaces those.
  planning_roles = [
    "roles/artifactregistry.reader",
    "roles/cloudbuild.builds.viewer",
    "roles/cloudfunctions.viewer",
    "roles/cloudkms.viewer",
    "roles/cloudscheduler.viewer",
    "roles/cloudtasks.viewer",
    "roles/compute.viewer",
    "roles/eventarc.viewer",
    "roles/firebaserules.viewer",
    "roles/iam.roleViewer",
    "roles/iam.securityReviewer", # the access policies of all these services
    "roles/iam.serviceAccountViewer",
    "roles/logging.logWriter", # the log of the build itself
    "roles/monitoring.viewer",
    "roles/run.viewer",
    "roles/secretmanager.viewer", # names of the secrets, not their values
    "roles/serviceusage.apiKeysViewer",
    "roles/serviceusage.serviceUsageConsumer", # calls are billed to this project
  ]
  planning_permissions = [
    "datastore.databases.get",
    "datastore.databases.getMetadata",
    "datastore.indexes.get",
    "datastore.indexes.list",
    "firebaseauth.configs.get",
    "logging.buckets.get",
    "logging.cmekSettings.get",
    "logging.exclusions.get",
    "logging.logMetrics.get",
    "logging.sinks.get",
    "pubsub.topics.get",
    "resourcemanager.projects.get",
    "storage.buckets.get",
    "storage.buckets.getIamPolicy",
  ]

  # Roles that an apply needs. They include managing grants, so this account could give itself any role: the approver is
  # responsible for the plan. No role here reads data either.
  applying_roles = concat(local.planning_roles, [
    "roles/artifactregistry.admin",
    "roles/cloudbuild.connectionViewer",
    "roles/cloudfunctions.admin",
    "roles/cloudkms.admin",
    "roles/cloudscheduler.admin",
    "roles/cloudtasks.queueAdmin",
    "roles/compute.loadBalancerAdmin",
    "roles/compute.securityAdmin", # Cloud Armor
    "roles/eventarc.admin",
    "roles/firebaserules.admin",
    "roles/iam.roleAdmin",
    "roles/iam.serviceAccountAdmin",
    "roles/iam.serviceAccountUser", # to run functions and triggers as their accounts
    "roles/logging.configWriter",
    "roles/monitoring.editor",
    "roles/resourcemanager.projectIamAdmin",
    "roles/run.admin",
    "roles/serviceusage.apiKeysAdmin",
    "roles/serviceusage.serviceUsageAdmin",
  ])
  applying_permissions = concat(local.planning_permissions, [
    "cloudbuild.builds.create", # these triggers
    "cloudbuild.builds.update",
    "datastore.databases.create",
    "datastore.databases.update",
    "datastore.indexes.create",
    "datastore.indexes.delete",
    "datastore.indexes.update",
    "firebaseauth.configs.create",
    "firebaseauth.configs.update",
    "pubsub.topics.create",
    "pubsub.topics.delete",
    "pubsub.topics.setIamPolicy",
    "pubsub.topics.update",
    "secretmanager.secrets.create",
    "secretmanager.secrets.delete",
    "secretmanager.secrets.setIamPolicy",
    "secretmanager.secrets.update",
    "storage.buckets.create",
    "storage.buckets.delete",
    "storage.buckets.setIamPolicy",
    "storage.buckets.update",
  ])
}

# Accounts

resource "google_service_account" "plan" {
  count = local.deliver

  account_id   = "delivery-plan"
  display_name = "Delivery: tests and plans main; changes nothing"

  depends_on = [google_project_service.api]
}

resource "google_service_account" "apply" {
  count = local.deliver

  account_id   = "delivery-apply"
  display_name = "Delivery: applies an approved plan"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_custom_role" "plan" {
  count = local.deliver

  role_id     = "deliveryPlan"
  title       = "Delivery: plan"
  description = "Reads the configuration of services whose viewer roles also read data."
  permissions = local.planning_permissions
}

resource "google_project_iam_custom_role" "apply" {
  count = local.deliver

  role_id     = "deliveryApply"
  title       = "Delivery: apply"
  description = "Changes the configuration of services whose admin roles also read data."
  permissions = local.applying_permissions
}

resource "google_project_iam_member" "plan" {
  for_each = local.deliver == 0 ? toset([]) : toset(local.planning_roles)

  project = var.project
  role    = each.value
  member  = google_service_account.plan[0].member
}

resource "google_project_iam_member" "apply" {
  for_each = local.deliver == 0 ? toset([]) : toset(local.applying_roles)

  project = var.project
  role    = each.value
  member  = google_service_account.apply[0].member
}

resource "google_project_iam_member" "delivery" {
  for_each = local.deliver == 0 ? {} : {
    plan  = { role = google_project_iam_custom_role.plan[0].id, member = google_service_account.plan[0].member }
    apply = { role = google_project_iam_custom_role.apply[0].id, member = google_service_account.apply[0].member }
  }

  project = var.project
  role    = each.value.role
  member  = each.value.member
}

resource "google_project_iam_member" "approver" {
  for_each = local.deliver == 0 ? toset([]) : toset(var.approvers)

  project = var.project
  role    = "roles/cloudbuild.builds.approver"
  member  = each.value
}

# Plans

# A plan contains the state's data, so it is as private as the state, and deleted after 30 days.
resource "google_storage_bucket" "plans" {
  #checkov:skip=CKV_GCP_62: The project's audit log has every read and write of this bucket (audit.tf); access logs would repeat them.
  #checkov:skip=CKV_GCP_78: A plan is written once and never replaced, so there are no versions to keep.
  count = local.deliver

  name                        = "${var.project}-plans"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  encryption {
    default_kms_key_name = google_kms_crypto_key.storage.id
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 30
    }
  }

  depends_on = [terraform_data.keys_in_effect]
}

resource "google_storage_bucket_iam_member" "delivery" {
  for_each = local.deliver == 0 ? {} : {
    # objectCreator cannot replace an object, so the approved plan is the plan that was made.
    plan_writes_plans  = { bucket = google_storage_bucket.plans[0].name, role = "roles/storage.objectCreator", member = google_service_account.plan[0].member }
    apply_reads_plans  = { bucket = google_storage_bucket.plans[0].name, role = "roles/storage.objectViewer", member = google_service_account.apply[0].member }
    plan_reads_state   = { bucket = var.state_bucket, role = "roles/storage.objectViewer", member = google_service_account.plan[0].member }
    apply_writes_state = { bucket = var.state_bucket, role = "roles/storage.objectUser", member = google_service_account.apply[0].member }
    # Terraform reads the archives that it uploaded.
    plan_reads_source   = { bucket = google_storage_bucket.source.name, role = "roles/storage.objectViewer", member = google_service_account.plan[0].member }
    apply_writes_source = { bucket = google_storage_bucket.source.name, role = "roles/storage.objectUser", member = google_service_account.apply[0].member }
  }

  bucket = each.value.bucket
  role   = each.value.role
  member = each.value.member
}

# Requests to apply a plan. Starting a trigger by hand takes the permission to act as its account, with which the
# planning account could run any build as the applying one, without approval. A message takes no such permission, and the
# build that it starts still waits.

resource "google_pubsub_topic" "apply" {
  #checkov:skip=CKV_GCP_83: A message names a plan, its checksum and its commit; nothing of it is secret.
  count = local.deliver

  name = "delivery-apply"

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.api]
}

resource "google_pubsub_topic_iam_member" "plan" {
  count = local.deliver

  topic  = google_pubsub_topic.apply[0].name
  role   = "roles/pubsub.publisher"
  member = google_service_account.plan[0].member
}

# Triggers

resource "google_cloudbuild_trigger" "plan" {
  count = local.deliver

  name            = "plan"
  description     = "Tests and plans every push to main, and asks for approval."
  location        = local.delivery_location
  filename        = "cloudbuild.yaml"
  service_account = google_service_account.plan[0].id

  repository_event_config {
    repository = var.repository
    push {
      branch = "^main$"
    }
  }

  substitutions = {
    _STATE_BUCKET = var.state_bucket
    _PLANS_BUCKET = google_storage_bucket.plans[0].name
    _APPLY_TOPIC  = google_pubsub_topic.apply[0].id
  }

  depends_on = [google_project_iam_member.plan]
}

# The message of a build that planned starts this trigger, with the plan's name, checksum and commit. The plan has its
# sources with it, so of the checkout only the build file counts: main may have moved on.
resource "google_cloudbuild_trigger" "apply" {
  count = local.deliver

  name            = "apply"
  description     = "Applies one plan, once a person has approved it."
  location        = local.delivery_location
  service_account = google_service_account.apply[0].id

  approval_config {
    approval_required = true
  }

  pubsub_config {
    topic = google_pubsub_topic.apply[0].id
  }

  source_to_build {
    repository = var.repository
    ref        = "refs/heads/main"
    repo_type  = "GITHUB" # required, but ignored: Cloud Build takes the type of the connection
  }

  git_file_source {
    path       = "cloudbuild.apply.yaml"
    repository = var.repository
    revision   = "refs/heads/main"
    repo_type  = "GITHUB"
  }

  substitutions = {
    _STATE_BUCKET = var.state_bucket
    _PLANS_BUCKET = google_storage_bucket.plans[0].name
    _PLAN         = "$(body.message.attributes.plan)"
    _PLAN_DIGEST  = "$(body.message.attributes.digest)"
    _COMMIT       = "$(body.message.attributes.commit)"
  }

  depends_on = [google_project_iam_member.apply]
}

# `python -m infra.smoke` checks that this address refuses every request.
output "function_url" {
  description = "Cloud Run address of each function, which refuses requests from outside; {function} stands for its name."
  value       = local.environment.FUNCTION_URL
}
