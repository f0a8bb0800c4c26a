# The grant of each word of a function's `uses` in functions.yaml: a role, on the resource wherever Google allows it,
# else on the project.
locals {
  # Reading needs objectViewer: with storage.objects.get but without storage.objects.list, Google answers 403 instead of
  # 404 for a missing object, and the code distinguishes them.
  # Opening a resumable upload for an object that must not exist needs only storage.objects.create
  # (cloud.google.com/storage/docs/performing-resumable-uploads).
  bucket_grants = {
    "recordings.upload" = { bucket = google_storage_bucket.audio.name, role = "roles/storage.objectCreator" }
    "recordings.read"   = { bucket = google_storage_bucket.audio.name, role = "roles/storage.objectViewer" }
    "recordings.delete" = { bucket = google_storage_bucket.audio.name, role = google_project_iam_custom_role.object_deleter.id }
    "results.read"      = { bucket = google_storage_bucket.results.name, role = "roles/storage.objectViewer" }
    "exports.write"     = { bucket = google_storage_bucket.exports.name, role = "roles/storage.objectCreator" }
    "exports.read"      = { bucket = google_storage_bucket.exports.name, role = "roles/storage.objectViewer" }
    "pieces.write"      = { bucket = google_storage_bucket.pieces.name, role = "roles/storage.objectCreator" }
    "pieces.read"       = { bucket = google_storage_bucket.pieces.name, role = "roles/storage.objectViewer" }
    "pieces.delete"     = { bucket = google_storage_bucket.pieces.name, role = google_project_iam_custom_role.object_deleter.id }
    "results.delete"    = { bucket = google_storage_bucket.results.name, role = google_project_iam_custom_role.object_deleter.id }
  }

  key_grants = {
    clinic_keys         = { key = google_kms_crypto_key.clinics.id, role = "roles/cloudkms.cryptoKeyDecrypter" }
    report_signing      = { key = google_kms_crypto_key.report_signing.id, role = "roles/cloudkms.signer" }
    report_verification = { key = google_kms_crypto_key.report_signing.id, role = "roles/cloudkms.publicKeyViewer" }
  }

  queue_grants = { for queue in keys(local.catalogue.queues) : "queue.${queue}" => queue }

  # Services without a resource to grant on: Speech-to-Text's implicit recogniser and Google's models belong to no
  # project, accounts belong to the project, and Firestore limits access to one database only by a condition
  # (firebase.google.com/docs/firestore/manage-databases, "Configure per-database access permissions").
  project_grants = {
    database          = { role = "roles/datastore.user", condition = "resource.name == \"projects/${var.project}/databases/${google_firestore_database.clinics.name}\"" }
    speech            = { role = "roles/speech.client", condition = null }
    "speech.cancel"   = { role = google_project_iam_custom_role.recognition_canceller.id, condition = null }
    gemini            = { role = google_project_iam_custom_role.model_caller.id, condition = null }
    "accounts.read"   = { role = google_project_iam_custom_role.account_reader.id, condition = null }
    "accounts.invite" = { role = google_project_iam_custom_role.account_inviter.id, condition = null }
    "accounts.follow" = { role = google_project_iam_custom_role.account_follower.id, condition = null }
    "messages.send"   = { role = google_project_iam_custom_role.message_sender.id, condition = null }
  }

  # On the function's own account.
  account_grants = { "own_account.sign" = google_project_iam_custom_role.own_signer.id }

  known_uses = concat(
    keys(local.bucket_grants), keys(local.key_grants), keys(local.queue_grants), keys(local.project_grants), keys(local.account_grants)
  )

  # Each word of each function, under `function/word`.
  uses = merge([
    for name, function in local.functions : { for word in function.uses : "${name}/${word}" => { function = name, word = word } }
  ]...)
}

resource "google_storage_bucket_iam_member" "function" {
  for_each = { for id, use in local.uses : id => use if contains(keys(local.bucket_grants), use.word) }

  bucket = local.bucket_grants[each.value.word].bucket
  role   = local.bucket_grants[each.value.word].role
  member = "serviceAccount:${google_service_account.function[each.value.function].email}"
}

resource "google_kms_crypto_key_iam_member" "function" {
  for_each = { for id, use in local.uses : id => use if contains(keys(local.key_grants), use.word) }

  crypto_key_id = local.key_grants[each.value.word].key
  role          = local.key_grants[each.value.word].role
  member        = "serviceAccount:${google_service_account.function[each.value.function].email}"
}

resource "google_cloud_tasks_queue_iam_member" "function" {
  for_each = { for id, use in local.uses : id => use if contains(keys(local.queue_grants), use.word) }

  name     = google_cloud_tasks_queue.queue[local.queue_grants[each.value.word]].name
  location = var.region
  role     = "roles/cloudtasks.enqueuer"
  member   = "serviceAccount:${google_service_account.function[each.value.function].email}"
}

# Enqueuing a task with an identity token requires permission to act as the token's account
# (cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks, OidcToken). The service agent of Cloud
# Tasks gets the permission to make the token when the API is enabled.
resource "google_service_account_iam_member" "function" {
  for_each = toset([for use in local.uses : use.function if contains(keys(local.queue_grants), use.word)])

  service_account_id = google_service_account.tasks.name
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:${google_service_account.function[each.value].email}"
}

resource "google_service_account_iam_member" "own_account" {
  for_each = { for id, use in local.uses : id => use if contains(keys(local.account_grants), use.word) }

  service_account_id = google_service_account.function[each.value.function].name
  role               = local.account_grants[each.value.word]
  member             = "serviceAccount:${google_service_account.function[each.value.function].email}"
}

resource "google_project_iam_member" "function" {
  for_each = { for id, use in local.uses : id => use if contains(keys(local.project_grants), use.word) }

  project = var.project
  role    = local.project_grants[each.value.word].role
  member  = "serviceAccount:${google_service_account.function[each.value.function].email}"

  dynamic "condition" {
    for_each = local.project_grants[each.value.word].condition[*]
    content {
      title      = "this ${each.value.word} only"
      expression = condition.value
    }
  }
}

# Custom roles: no predefined role permits only deleting objects, only calling a model or only cancelling an operation, and the role for accounts
# (roles/firebaseauth.admin) may also delete accounts and change the sign-in settings.
resource "google_project_iam_custom_role" "object_deleter" {
  role_id     = "synapseObjectDeleter"
  title       = "SynapseAI: delete objects"
  description = "Deletes an object whose name is known; neither reads nor writes."
  permissions = ["storage.objects.delete"]
}

# roles/speech.client may start recognitions and read their operations; roles/speech.editor, which may cancel them, may
# also change recognisers (cloud.google.com/iam/docs/roles-permissions/speech).
resource "google_project_iam_custom_role" "recognition_canceller" {
  role_id     = "synapseRecognitionCanceller"
  title       = "SynapseAI: cancel recognitions"
  description = "Cancels a running operation of Speech-to-Text; neither starts nor reads one."
  permissions = ["speech.operations.cancel"]
}

# roles/iam.serviceAccountTokenCreator may also make access tokens of the account
# (cloud.google.com/iam/docs/roles-permissions/iam).
resource "google_project_iam_custom_role" "own_signer" {
  role_id     = "synapseOwnSigner"
  title       = "SynapseAI: sign as itself"
  description = "For a function's account, on itself: signs URLs of recordings and exports; makes no tokens."
  permissions = ["iam.serviceAccounts.signBlob"]
}

resource "google_project_iam_custom_role" "model_caller" {
  role_id     = "synapseModelCaller"
  title       = "SynapseAI: call a model"
  description = "Calls a Gemini model; no other access to Vertex AI."
  permissions = ["aiplatform.endpoints.predict"]
}

# Permissions for GetAccountInfo, SetAccountInfo, SignUp and GetOobCode, which sends the mail with the link to choose a
# password (cloud.google.com/identity-platform/docs/access-control). The function that takes an admin's invitation
# cannot make a link.
resource "google_project_iam_custom_role" "account_inviter" {
  role_id     = "synapseAccountInviter"
  title       = "SynapseAI: invite people"
  description = "Creates accounts; cannot make password links, delete accounts or change the sign-in settings."
  permissions = [
    "firebaseauth.users.create",
    "firebaseauth.users.get",
    "firebaseauth.users.update",
  ]
}

resource "google_project_iam_custom_role" "account_reader" {
  role_id     = "synapseAccountReader"
  title       = "SynapseAI: read accounts"
  description = "Reads whether an account is disabled and since when its sign-ins are valid; changes nothing."
  permissions = ["firebaseauth.users.get"]
}

resource "google_project_iam_custom_role" "account_follower" {
  role_id     = "synapseAccountFollower"
  title       = "SynapseAI: bring accounts in line"
  description = "Updates accounts from the clinics' records, mails invitations and deletes accounts of people who left; cannot create accounts."
  permissions = [
    "firebaseauth.users.delete",
    "firebaseauth.users.get",
    "firebaseauth.users.sendEmail",
    "firebaseauth.users.update",
  ]
}

# The permission for projects.messages.send; roles/firebasecloudmessaging.admin may do more
# (firebase.google.com/docs/projects/iam/permissions#messaging).
resource "google_project_iam_custom_role" "message_sender" {
  role_id     = "synapseMessageSender"
  title       = "SynapseAI: send push messages"
  description = "Sends messages to registered devices by Firebase Cloud Messaging; no other access to Firebase."
  permissions = ["cloudmessaging.messages.create"]
}

# Speech-to-Text v2 reads a batch's audio and writes its result as its own service agent, not as the caller
# (cloud.google.com/speech-to-text/docs/batch-recognize, "Enable access to Cloud Storage"). When the API is enabled,
# Google grants that agent roles/speech.serviceAgent on the whole project. If that grant was revoked, these suffice: the
# permissions of that role, divided between the two buckets.
locals {
  speech_reads = ["storage.buckets.get", "storage.objects.get", "storage.objects.list"]

  speech_agent_grants = {
    recordings = { bucket = google_storage_bucket.audio.name, role = google_project_iam_custom_role.speech_reader.id }
    results    = { bucket = google_storage_bucket.results.name, role = google_project_iam_custom_role.speech_writer.id }
  }
}

resource "google_project_iam_custom_role" "speech_reader" {
  role_id     = "synapseSpeechReader"
  title       = "SynapseAI: Speech-to-Text reads recordings"
  description = "For the service agent of Speech-to-Text, on the bucket of the recordings."
  permissions = local.speech_reads
}

resource "google_project_iam_custom_role" "speech_writer" {
  role_id     = "synapseSpeechWriter"
  title       = "SynapseAI: Speech-to-Text writes results"
  description = "For the service agent of Speech-to-Text, on the bucket of the results."
  permissions = concat(local.speech_reads, ["storage.objects.create", "storage.objects.update"])
}

resource "google_storage_bucket_iam_member" "speech_agent" {
  for_each = local.speech_agent_grants

  bucket = each.value.bucket
  role   = each.value.role
  member = "serviceAccount:${google_project_service_identity.agent["speech.googleapis.com"].email}"
}
