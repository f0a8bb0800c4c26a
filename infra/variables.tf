variable "project" {
  description = "Id of the Google Cloud project, which is used for nothing else."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "region" {
  description = "Region of the functions, buckets, keys and queues, such as asia-south1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", var.region))
    error_message = "A region is written like asia-south1."
  }
}

variable "builds_in_region" {
  description = "Whether a build in the region was seen to succeed in this project; required for regions in which new projects may not build."
  type        = bool
  default     = false

  # cloud.google.com/build/docs/locations, "Restricted regions for some projects". A function is built in its own region,
  # after the database and the keys, which cannot move.
  validation {
    condition = var.builds_in_region || contains([
      "asia-east1", "australia-southeast1", "europe-west1", "southamerica-east1", "us-central1", "us-west2",
    ], var.region)
    error_message = "Cloud Build may refuse new projects in ${var.region}, and no function could be built. Try a build there first (docs/deploy.md, \"Before the first apply\"), then set builds_in_region = true."
  }
}

variable "environment" {
  description = "Purpose of this deployment: development, staging or production."
  type        = string

  validation {
    condition     = contains(["development", "staging", "production"], var.environment)
    error_message = "The environment is development, staging or production."
  }
}

variable "domain" {
  description = "Host name of the API, such as api.example.org; its DNS record must point to the output load_balancer_ip."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "A host name in lower case without scheme or path, such as api.example.org."
  }
}

variable "cors_origins" {
  description = "Browser origins that may call the API and upload, such as https://app.example.org."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^https://[^/,*]+$", origin))])
    error_message = "Each origin begins with https:// and has neither a path, a comma nor a star."
  }
}

variable "shown_records_per_hour" {
  description = "How many patient records one person may be shown in an hour; then reads are refused until the hour ends (429)."
  type        = number
  default     = 5000

  validation {
    condition     = var.shown_records_per_hour >= 1 && floor(var.shown_records_per_hour) == var.shown_records_per_hour
    error_message = "A whole number, at least 1."
  }
}

variable "firestore_database" {
  description = "Name of the Firestore database."
  type        = string
  default     = "(default)"

  validation {
    condition     = var.firestore_database == "(default)" || can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", var.firestore_database))
    error_message = "(default), or 4 to 63 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "firestore_cmek" {
  description = "Whether to encrypt the database with our own key (CMEK). Google grants this per project, on request by a form; it cannot be changed later."
  type        = bool
  default     = false
}

variable "key_protection" {
  description = "Protection level of the KMS keys: SOFTWARE, or HSM (more expensive; FIPS 140-2 level 3)."
  type        = string
  default     = "SOFTWARE"

  validation {
    condition     = contains(["SOFTWARE", "HSM"], var.key_protection)
    error_message = "The protection level is SOFTWARE or HSM."
  }
}

variable "signing_key_version" {
  description = "Version of the signing key for new signatures. KMS does not rotate asymmetric keys; docs/upkeep.md has the steps."
  type        = string
  default     = "1"

  validation {
    condition     = can(regex("^[1-9][0-9]*$", var.signing_key_version))
    error_message = "A version is a whole number from 1."
  }
}

variable "speech_location" {
  description = "Location of Speech-to-Text; it must offer the model."
  type        = string
  default     = "global"

  validation {
    condition = anytrue([
      length(try(local.speech_models[var.speech_model].locations, [])) == 0,
      contains(try(local.speech_models[var.speech_model].locations, []), var.speech_location),
    ])
    error_message = "The speech model is not offered in this location: see shared/gateways/speech_models.json."
  }
}

variable "speech_model" {
  description = "Speech model, one of those in shared/gateways/speech_models.json."
  type        = string
  default     = "long"

  validation {
    condition     = contains(keys(local.speech_models), var.speech_model)
    error_message = "The speech model is one of shared/gateways/speech_models.json: ${join(", ", keys(local.speech_models))}."
  }
}

variable "speech_languages" {
  description = "Languages that the speech model has in this location, in BCP 47 as in en-IN. No session starts in another; infra.preflight asks Google for each."
  type        = list(string)

  validation {
    condition     = length(var.speech_languages) > 0 && alltrue([for language in var.speech_languages : can(regex("^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", language))])
    error_message = "At least one language, each in BCP 47: en-IN, or cmn-Hans-CN."
  }

  validation {
    condition = length(try(local.speech_models[var.speech_model].languages, [])) == 0 || length(setsubtract(
      [for language in var.speech_languages : lookup(local.speech_table.spellings, language, language)],
      try(local.speech_models[var.speech_model].languages, []),
    )) == 0
    error_message = "The speech model does not know each of these languages: see shared/gateways/speech_models.json."
  }
}

variable "writer_location" {
  description = "Location of Vertex AI; it must offer the model."
  type        = string
  default     = "global"
}

variable "writer_model" {
  description = "Gemini model that drafts the reports. It must answer under this name or a stable version of it (-001)."
  type        = string
  default     = "gemini-3.5-flash-lite"

  validation {
    condition     = !endswith(var.writer_model, "-latest")
    error_message = "An alias answers under another name, so every draft would be refused: name one model."
  }

  validation {
    condition     = contains(keys(local.writer_models), replace(var.writer_model, "/-[0-9]{3}$/", ""))
    error_message = "The model is one of shared/gateways/writer_models.json (${join(", ", keys(local.writer_models))}); add a newer one with the day of its retirement."
  }
}

variable "smtp_host" {
  description = "Host name of the mail relay, which must offer STARTTLS. Empty: no mail is sent."
  type        = string
  default     = ""
}

variable "smtp_port" {
  description = "Port of the mail relay. Google Cloud blocks port 25."
  type        = number
  default     = 587

  validation {
    condition     = var.smtp_port >= 1 && var.smtp_port <= 65535 && var.smtp_port != 25
    error_message = "A port that Google Cloud lets through, usually 587."
  }
}

variable "smtp_user" {
  description = "User of the mail relay; the password is the secret SMTP_PASSWORD. Empty: the relay asks for none."
  type        = string
  default     = ""
}

variable "mail_from" {
  description = "Address in the From of mails, such as messages@example.org; the domain has SPF, DKIM and DMARC records for the relay."
  type        = string
  default     = ""

  validation {
    condition     = (var.mail_from == "") == (var.smtp_host == "") && (var.mail_from == "" || can(regex("^[^@\\s]+@[^@\\s]+$", var.mail_from)))
    error_message = "A mail address, exactly if there is a relay (smtp_host)."
  }
}

variable "mail_bounces" {
  description = "Address to which mail that could not be delivered returns. Empty: mail_from."
  type        = string
  default     = ""
}

variable "twilio_account_sid" {
  description = "Account of Twilio, AC…; its token is the secret TWILIO_AUTH_TOKEN. Empty: no text message is sent."
  type        = string
  default     = ""

  validation {
    condition     = var.twilio_account_sid == "" || can(regex("^AC[0-9a-f]{32}$", var.twilio_account_sid))
    error_message = "AC and 32 hexadecimal digits."
  }
}

variable "sms_sender" {
  description = "Sender of text messages: a messaging service of Twilio (MG…), which chooses by country, a number, or a registered sender id."
  type        = string
  default     = ""

  validation {
    condition     = (var.sms_sender == "") == (var.twilio_account_sid == "")
    error_message = "A sender, exactly if there is an account (twilio_account_sid)."
  }
}

variable "twilio_region" {
  description = "Region of Twilio that processes text messages, such as ie1; needs twilio_edge. Empty: us1."
  type        = string
  default     = ""
}

variable "twilio_edge" {
  description = "Edge of Twilio through which it is called, such as dublin. Empty: the default."
  type        = string
  default     = ""
}

variable "log_level" {
  description = "Minimum severity of the functions' log entries."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING"], var.log_level)
    error_message = "The log level is DEBUG, INFO or WARNING: the alert on stalled jobs counts warnings."
  }
}

variable "audit_retention_days" {
  description = "Retention of the audit entries in the log bucket, in days."
  type        = number
  default     = 2555

  validation {
    condition     = var.audit_retention_days >= 365 && var.audit_retention_days <= 3650
    error_message = "From 365 to 3650 days."
  }
}

variable "lock_audit_log" {
  description = "Whether to lock the retention of the audit log, once the deployment is accepted. Nobody can unlock it or delete the bucket before its entries have expired."
  type        = bool
  default     = false
}

variable "requests_per_minute" {
  description = "Requests a minute that one address may make to each function; further requests get status 429. Ten times as many in ten minutes ban the address for ten."
  type        = number
  default     = 600

  # Cloud Armor counts to 10,000 in a rate-based ban, whose threshold is ten times this number.
  validation {
    condition     = var.requests_per_minute >= 60 && var.requests_per_minute <= 1000 && floor(var.requests_per_minute) == var.requests_per_minute
    error_message = "A whole number from 60 to 1000: Cloud Armor counts no further than 10000 requests in ten minutes."
  }
}

variable "max_instances" {
  description = "Most instances of one function, unless the catalogue says fewer. 0: 10 in production, 3 elsewhere. New projects may have 10 vCPU for a function; an instance takes one."
  type        = number
  default     = 0

  validation {
    condition     = var.max_instances >= 0 && var.max_instances <= 100 && floor(var.max_instances) == var.max_instances
    error_message = "A whole number from 0 to 100."
  }
}

variable "alert_email" {
  description = "E-mail address that receives the alerts."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alert_email))
    error_message = "An e-mail address."
  }
}

variable "billing_account" {
  description = "Billing account of the budget alert, as in 012345-6789AB-CDEF01; empty for none."
  type        = string
  default     = ""

  validation {
    condition     = var.billing_account == "" || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "A billing account is written like 012345-6789AB-CDEF01."
  }
}

variable "monthly_budget" {
  description = "Monthly budget for the alert, in whole units of the billing account's currency."
  type        = number
  default     = 300

  validation {
    condition     = var.monthly_budget >= 1 && floor(var.monthly_budget) == var.monthly_budget
    error_message = "A whole number from 1."
  }
}
