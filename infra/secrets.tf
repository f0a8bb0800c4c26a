# Secret Manager: the secrets of the catalogue, in the region only and encrypted with our key. Terraform does not manage
# their values (docs/upkeep.md). A function may read only the secrets that it lists.
resource "google_secret_manager_secret" "secret" {
  for_each = local.catalogue.secrets

  secret_id = each.key

  replication {
    user_managed {
      replicas {
        location = var.region
        customer_managed_encryption {
          kms_key_name = google_kms_crypto_key.storage.id
        }
      }
    }
  }

  depends_on = [terraform_data.keys_in_effect]
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = merge([
    for name, function in local.functions :
    { for secret in function.secrets : "${name}/${secret}" => { function = name, secret = secret } }
  ]...)

  secret_id = google_secret_manager_secret.secret[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${google_service_account.function[each.value.function].email}"
}
