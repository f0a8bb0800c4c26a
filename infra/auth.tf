# Sign-in by e-mail address and password, for people that a clinic has invited. Identity Platform (Firebase Auth's name
# in Google Cloud; Firebase's SDKs use it) issues the tokens, and shared/web/auth.py verifies them.
#
# The provider has no argument for protection against e-mail enumeration. Projects created since September 2023 have it
# by default, and this deployment has a project of its own (infra.smoke checks it). Nor has it one for
# the password policy: infra/password-policy.sh sets it after the first apply.
#
# infra/bootstrap.sh switches Identity Platform on and Terraform imports it, because the provider's creation cannot be
# repeated: if it fails after switching it on, the next apply is refused ("Identity Platform has already been enabled").
import {
  to = google_identity_platform_config.auth
  id = "projects/${var.project}/config"
}

resource "google_identity_platform_config" "auth" {
  # Allowed targets of the links in Firebase Auth's mails.
  authorized_domains = concat(
    ["${var.project}.firebaseapp.com"],
    [for origin in var.cors_origins : split(":", trimprefix(origin, "https://"))[0]],
  )

  # Only the API creates and removes accounts, for a clinic; holders of the web key cannot.
  client {
    permissions {
      disabled_user_signup   = true
      disabled_user_deletion = true
    }
  }

  sign_in {
    allow_duplicate_emails = false

    email {
      enabled           = true
      password_required = true # not by a link alone
    }

    anonymous {
      enabled = false
    }

    phone_number {
      enabled = false
    }
  }

  # Authenticator apps only. Text messages can be intercepted, and strangers could run up their cost. No block restricts
  # the regions of text messages: nothing here sends any, and the provider drops an empty list, so that every plan would
  # show a change.
  mfa {
    state = "ENABLED"

    provider_configs {
      state = "ENABLED"
      totp_provider_config {
        adjacent_intervals = 1 # tolerates a clock that is 30 seconds off
      }
    }
  }

  depends_on = [google_project_service.api]
}

# API key of the web client: identifies the project to Google's sign-in. The key grants no access, and every browser can
# read it. A mobile app gets a key of its own, one per platform: another google_apikeys_key with the same api_targets,
# and instead of browsers `android_key_restrictions` (package name and SHA-1 of the signing certificate) or
# `ios_key_restrictions` (bundle id).
resource "google_apikeys_key" "web" {
  name         = "web"
  display_name = "SynapseAI web clients"

  restrictions {
    api_targets {
      service = "identitytoolkit.googleapis.com" # sign in
    }
    api_targets {
      service = "securetoken.googleapis.com" # stay signed in
    }
    api_targets {
      service = "firestore.googleapis.com" # follow a session's progress; firestore.rules allows nothing else
    }

    # An empty list would be no restriction. Without origins, use the API's own host, which serves no pages.
    browser_key_restrictions {
      allowed_referrers = [for origin in coalescelist(var.cors_origins, ["https://${var.domain}"]) : "${origin}/*"]
    }
  }

  depends_on = [google_project_service.api]
}
