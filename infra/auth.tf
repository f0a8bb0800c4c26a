# Who may sign in: people that a clinic has invited, with e-mail address and password. shared/web/auth.py verifies the
# tokens; this decides who gets one. Identity Platform is what Firebase Auth is called in Google Cloud, and Firebase's
# SDKs speak to it.
#
# The provider has no argument for protection against e-mail enumeration. Projects made since September 2023 have it from
# the start, and this goes into a project of its own (docs/deploy.md says how to look).
resource "google_identity_platform_config" "auth" {
  # Where links in the mails of Firebase Auth may lead.
  authorized_domains = concat(
    ["${var.project}.firebaseapp.com"],
    [for origin in var.cors_origins : split(":", trimprefix(origin, "https://"))[0]],
  )

  # Accounts are made and removed by the clinic, through the API: never by whoever has the web key.
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

  # By an authenticator app. Not by text message: these can be intercepted, and their cost be run up by strangers.
  mfa {
    state = "ENABLED"

    provider_configs {
      state = "ENABLED"
      totp_provider_config {
        adjacent_intervals = 1 # a clock may be 30 seconds wrong
      }
    }
  }

  sms_region_config {
    allowlist_only {
      allowed_regions = []
    }
  }

  depends_on = [google_project_service.api]
}

# Names the project to Google's sign-in; it opens nothing by itself, and every browser can read it. A mobile app gets a
# key of its own, one for each platform: another google_apikeys_key with the same api_targets, and instead of browsers
# `android_key_restrictions` (package name and SHA-1 of the signing certificate) or `ios_key_restrictions` (bundle id).
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

    # Without any origin it is the API's own, which serves no pages: an empty list would be no restriction.
    browser_key_restrictions {
      allowed_referrers = [for origin in coalescelist(var.cors_origins, ["https://${var.domain}"]) : "${origin}/*"]
    }
  }

  depends_on = [google_project_service.api]
}
