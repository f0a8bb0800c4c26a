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

run "without_a_repository_there_is_no_delivery" {
  command = plan

  assert {
    condition     = length(google_cloudbuild_trigger.plan) + length(google_cloudbuild_trigger.apply) == 0
    error_message = "A trigger exists without a repository."
  }
  assert {
    condition     = length(google_service_account.plan) + length(google_service_account.apply) + length(google_project_iam_member.delivery) == 0
    error_message = "An unused account or grant exists."
  }
}

run "a_repository_requires_the_state_bucket" {
  command = plan

  variables {
    repository = "projects/synapse-offline/locations/asia-east1/connections/github/repositories/synapse"
  }

  expect_failures = [var.state_bucket]
}

# One run, because each plans everything.
run "a_plan_waits_for_approval_and_planning_changes_nothing" {
  command = plan

  variables {
    repository   = "projects/synapse-offline/locations/asia-east1/connections/github/repositories/synapse"
    state_bucket = "synapse-offline-terraform"
    approvers    = ["user:ada@example.org"]
  }

  assert {
    condition     = google_cloudbuild_trigger.apply[0].approval_config[0].approval_required
    error_message = "A plan is applied without approval."
  }
  assert {
    condition     = length(google_cloudbuild_trigger.apply[0].repository_event_config) == 0
    error_message = "A push starts the build that applies."
  }
  assert {
    condition     = google_cloudbuild_trigger.apply[0].git_file_source[0].path == "cloudbuild.apply.yaml" && google_cloudbuild_trigger.plan[0].filename == "cloudbuild.yaml"
    error_message = "A trigger runs another file."
  }
  assert {
    condition     = google_cloudbuild_trigger.apply[0].git_file_source[0].repo_type == "GITHUB" && google_cloudbuild_trigger.apply[0].source_to_build[0].repo_type == "GITHUB"
    error_message = "A trigger without a type of its repository is refused."
  }
  assert {
    condition     = google_cloudbuild_trigger.plan[0].repository_event_config[0].push[0].branch == "^main$"
    error_message = "Other branches than main are planned."
  }
  assert {
    condition     = google_cloudbuild_trigger.plan[0].location == "asia-east1" && google_cloudbuild_trigger.apply[0].location == "asia-east1"
    error_message = "A trigger is not in the location of its repository."
  }
  assert {
    condition     = google_cloudbuild_trigger.plan[0].substitutions._APPLY_TOPIC == google_pubsub_topic.apply[0].id && google_cloudbuild_trigger.apply[0].pubsub_config[0].topic == google_pubsub_topic.apply[0].id
    error_message = "The build of a plan does not start the trigger that applies it."
  }
  assert {
    condition = { for name in ["_PLAN", "_PLAN_DIGEST", "_COMMIT"] : name => google_cloudbuild_trigger.apply[0].substitutions[name] } == {
      _PLAN        = "$(body.message.attributes.plan)"
      _PLAN_DIGEST = "$(body.message.attributes.digest)"
      _COMMIT      = "$(body.message.attributes.commit)"
    }
    error_message = "The build that applies does not get the plan of the message."
  }
  assert {
    condition     = [for member in google_project_iam_member.approver : "${member.member} ${member.role}"] == ["user:ada@example.org roles/cloudbuild.builds.approver"]
    error_message = "The approver role is not granted to exactly the approvers."
  }

  assert {
    condition     = alltrue([for member in google_project_iam_member.plan : can(regex("(viewer|Viewer|reader|Reviewer|logWriter|Consumer)$", member.role))])
    error_message = "The planning account may change something."
  }
  assert {
    condition = alltrue([
      for member in concat(values(google_project_iam_member.plan), values(google_project_iam_member.apply)) :
      !can(regex("^roles/(owner|editor|viewer|datastore\\..*|storage\\..*|firebaseauth\\..*|identityplatform\\..*|secretmanager\\.(admin|secretAccessor)|cloudkms\\..*(Crypto|crypto).*|logging\\.(viewer|admin|.*[aA]ccessor))$", member.role))
    ])
    error_message = "A delivery account may read data."
  }
  assert {
    condition     = alltrue([for permission in google_project_iam_custom_role.plan[0].permissions : can(regex("\\.(get|getIamPolicy|getMetadata|list)$", permission))])
    error_message = "The role for planning may change something."
  }
  assert {
    condition     = google_pubsub_topic_iam_member.plan[0].role == "roles/pubsub.publisher" && google_pubsub_topic_iam_member.plan[0].topic == google_pubsub_topic.apply[0].name
    error_message = "The planning account may do more to ask for approval than publish a request."
  }
  assert {
    condition = !anytrue([
      for grant in concat(values(google_service_account_iam_member.function), values(google_service_account_iam_member.own_account), values(google_project_iam_member.delivery)) :
      grant.member == google_service_account.plan[0].member && grant.role != google_project_iam_custom_role.plan[0].id
    ])
    error_message = "The planning account may act as another account."
  }
  assert {
    condition     = google_storage_bucket_iam_member.delivery["plan_reads_state"].role == "roles/storage.objectViewer" && google_storage_bucket_iam_member.delivery["plan_writes_plans"].role == "roles/storage.objectCreator"
    error_message = "The planning account may change the state, or a plan that waits for approval."
  }

  assert {
    condition     = google_storage_bucket.plans[0].uniform_bucket_level_access && google_storage_bucket.plans[0].public_access_prevention == "enforced"
    error_message = "Plans could be made public."
  }
  assert {
    condition     = length(google_storage_bucket.plans[0].encryption) == 1
    error_message = "Plans are not encrypted with a key of ours."
  }
}
