# Delivery: a push to main is tested and planned; the plan waits for a person's approval, and then exactly it is applied.
# All of it is there only when `repository` is set; the first apply is always a person's (docs/deploy.md).

variable "repository" {
  description = "Cloud Build repository (2nd gen) that is delivered from, as projects/P/locations/L/connections/C/repositories/R; empty for none."
  type        = string
  default     = ""

  validation {
    condition     = var.repository == "" || can(regex("^projects/[^/]+/locations/[^/]+/connections/[^/]+/repositories/[^/]+$", var.repository))
    error_message = "A repository is written projects/P/locations/L/connections/C/repositories/R."
  }
}

variable "state_bucket" {
  description = "Bucket of the Terraform state and of terraform.tfvars, made by infra/bootstrap.sh; needed with a repository."
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

  # A trigger is where the connection to its repository is.
  delivery_location = local.deliver == 0 ? var.region : split("/", var.repository)[3]

  # What a plan reads of each service. None of these roles reads what patients said or who they are: roles/viewer would,
  # so would those of Firestore, Storage and Firebase Auth, of which planning_permissions has the configuration alone.
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
    "roles/iam.securityReviewer", # the policies of all these
    "roles/iam.serviceAccountViewer",
    "roles/logging.logWriter", # the log of the build itself
    "roles/monitoring.viewer",
    "roles/run.viewer",
    "roles/secretmanager.viewer", # which secrets there are, not what they say
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
    "resourcemanager.projects.get",
    "storage.buckets.get",
    "storage.buckets.getIamPolicy",
  ]

  # What an apply changes. It manages who may do what, so this account could give itself any role: whoever approves
  # answers for the plan. Here too no role reads data.
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
    "roles/iam.serviceAccountUser", # functions and triggers run as the accounts that it makes
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
  display_name = "Delivery: tests and plans what is on main; changes nothing"

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

# Create alone, and not the Cloud Build Editor: that one could also update the trigger, and take its approval away.
resource "google_project_iam_custom_role" "ask" {
  count = local.deliver

  role_id     = "deliveryAsk"
  title       = "Delivery: ask for approval"
  description = "Starts the build that applies a plan; it waits for its approval."
  permissions = ["cloudbuild.builds.create"]
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
    ask   = { role = google_project_iam_custom_role.ask[0].id, member = google_service_account.plan[0].member }
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

# A plan holds what the state holds, so it is private as the state is, and gone after a month.
resource "google_storage_bucket" "plans" {
  #checkov:skip=CKV_GCP_62: the audit log notes who reads and writes; access logs would say the same again
  #checkov:skip=CKV_GCP_78: a plan is written once and never replaced, so there are no versions to keep
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

  depends_on = [google_kms_crypto_key_iam_member.storage_agents]
}

resource "google_storage_bucket_iam_member" "delivery" {
  for_each = local.deliver == 0 ? {} : {
    # Creating is not replacing: what is approved is what was planned.
    plan_writes_plans  = { bucket = google_storage_bucket.plans[0].name, role = "roles/storage.objectCreator", member = google_service_account.plan[0].member }
    apply_reads_plans  = { bucket = google_storage_bucket.plans[0].name, role = "roles/storage.objectViewer", member = google_service_account.apply[0].member }
    plan_reads_state   = { bucket = var.state_bucket, role = "roles/storage.objectViewer", member = google_service_account.plan[0].member }
    apply_writes_state = { bucket = var.state_bucket, role = "roles/storage.objectUser", member = google_service_account.apply[0].member }
    # Terraform looks at the archives that it uploaded.
    plan_reads_source   = { bucket = google_storage_bucket.source.name, role = "roles/storage.objectViewer", member = google_service_account.plan[0].member }
    apply_writes_source = { bucket = google_storage_bucket.source.name, role = "roles/storage.objectUser", member = google_service_account.apply[0].member }
  }

  bucket = each.value.bucket
  role   = each.value.role
  member = each.value.member
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
    _STATE_BUCKET  = var.state_bucket
    _PLANS_BUCKET  = google_storage_bucket.plans[0].name
    _APPLY_TRIGGER = google_cloudbuild_trigger.apply[0].name
  }

  depends_on = [google_project_iam_member.plan]
}

# Started by the plan's build with the plan's name, checksum and commit; nothing else starts it.
resource "google_cloudbuild_trigger" "apply" {
  count = local.deliver

  name            = "apply"
  description     = "Applies one plan, once a person has approved it."
  location        = local.delivery_location
  service_account = google_service_account.apply[0].id

  approval_config {
    approval_required = true
  }

  source_to_build {
    repository = var.repository
    ref        = "refs/heads/main"
    repo_type  = "GITHUB" # Cloud Build reads the connection's own type; the argument has to be there
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
  }

  depends_on = [google_project_iam_member.apply]
}

# `python -m infra.smoke` sees that nothing answers there.
output "function_url" {
  description = "The address that each function has besides the API's; {function} stands for its name. Nobody outside is let in."
  value       = local.environment.FUNCTION_URL
}
