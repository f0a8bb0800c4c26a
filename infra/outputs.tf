# Outputs for clients and operators.

output "api_url" {
  description = "Address of the API."
  value       = "https://${var.domain}${local.api_prefix}"
}

output "load_balancer_ip" {
  description = "IP address for the DNS record (A) of the API's host name. Google issues the certificate only after the record points here."
  value       = google_compute_global_address.edge.address
}

output "web_api_key" {
  description = "API key of web clients: `apiKey` of the Firebase SDK. Every browser can read it; marked sensitive only so that Terraform does not print it."
  value       = google_apikeys_key.web.key_string
  sensitive   = true
}

output "web_client" {
  description = "The rest of the Firebase SDK's configuration, and the database whose `progress` it may listen to."
  value = {
    projectId  = var.project
    authDomain = "${var.project}.firebaseapp.com"
    databaseId = google_firestore_database.clinics.name
  }
}

output "buckets" {
  description = "Buckets by content."
  value = {
    recordings = google_storage_bucket.audio.name
    results    = google_storage_bucket.results.name
    archives   = google_storage_bucket.source.name
  }
}

output "functions" {
  description = "Deployed name and account of each function, by its name in the catalogue."
  value = {
    for name, function in local.functions : name => { service = function.service, account = google_service_account.function[name].email }
  }
}

output "functions_to_open" {
  description = "Arguments of infra/open-functions.sh: project, region, and the functions that it opens after each apply; none if a grant does."
  value = join(" ", concat(
    [var.project, var.region],
    var.public_invoker == "unchecked" ? [for function in local.http_functions : function.service] : [],
  ))
}

output "trigger_accounts" {
  description = "Accounts that may call the event, task and schedule functions."
  value = {
    events    = google_service_account.events.email
    tasks     = google_service_account.tasks.email
    schedules = google_service_account.schedules.email
  }
}

output "signing_public_key" {
  description = "Command that prints the public key for verifying signed reports."
  value       = "gcloud kms keys versions get-public-key ${var.signing_key_version} --key=${google_kms_crypto_key.report_signing.name} --keyring=${google_kms_key_ring.synapse.name} --location=${var.region} --project=${var.project}"
}
