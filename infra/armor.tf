# Cloud Armor: the filter before the functions. The first matching rule decides, so the denying rules come before the
# rate limit, which allows.
#
# The preconfigured rules (OWASP Core Rule Set 4.22, sensitivity 1: signatures of high confidence) match patterns of
# attacks. Request bodies here are clinical free text, which contains such patterns: "sleep; less anxious" matches a
# shell command, "Location: left knee" on a line of its own a split response, "select ... from" SQL. The product runs
# none of these languages on the text, so blocking a note would cost a clinician's work and protect nothing.
# Hence three kinds of rules:
#
#   enforced always            scanners, by their User-Agent; the Log4j family, whose ${jndi:...} nobody dictates
#   enforced without a body    all rules on content: the URL has ids only, so a match is an attack
#   in preview with a body     the same rules, which only log: the log shows attacks, and which rules could be enforced
#
# Left out: session fixation (the API has no cookies, and its signatures block our field `session_id`); method
# enforcement (it blocks PUT and DELETE; a function answers 405 itself); PHP and Java (neither runs here).
locals {
  # A rule takes at most five expressions and costs a dollar a month, so rule sets share rules.
  waf_injection = ["sqli-v422-stable", "xss-v422-stable", "rce-v422-stable", "generic-v422-stable"]
  waf_inclusion = ["lfi-v422-stable", "rfi-v422-stable", "protocolattack-v422-stable"]

  waf_has_body = "request.method.matches('^(POST|PUT|PATCH)$')"

  # By priority.
  waf_rules = {
    2000 = { about = "Injection, in requests without a body", when = "!${local.waf_has_body}", sets = local.waf_injection, preview = false }
    2010 = { about = "Inclusion and protocol, in requests without a body", when = "!${local.waf_has_body}", sets = local.waf_inclusion, preview = false }
    3000 = { about = "Injection, in requests with a body: logged only", when = local.waf_has_body, sets = local.waf_injection, preview = true }
    3010 = { about = "Inclusion and protocol, with a body: logged only", when = local.waf_has_body, sets = local.waf_inclusion, preview = true }
  }

  ban_seconds = 600
}

resource "google_compute_security_policy" "edge" {
  #checkov:skip=CKV_GCP_73: The Log4j rule exists and is enforced. The check recognises it only without a sensitivity, which has more false positives, such as a template's ${placeholder}.
  name        = "synapse-edge"
  description = "Blocks attacks before they reach a function."

  adaptive_protection_config {
    layer_7_ddos_defense_config {
      enable = true # learns the normal traffic; alerts on deviations and suggests a rule
    }
  }

  advanced_options_config {
    json_parsing = "STANDARD" # rules see the fields of a JSON body, not its punctuation
    log_level    = "NORMAL"   # VERBOSE would log the matched text: a clinician's words
  }

  rule {
    priority    = 1000
    action      = "deny(403)"
    description = "Log4j vulnerabilities"
    preview     = false
    match {
      expr {
        expression = "evaluatePreconfiguredWaf('cve-canary', {'sensitivity': 1})"
      }
    }
  }

  rule {
    priority    = 1010
    action      = "deny(403)"
    description = "Vulnerability scanners"
    preview     = false
    match {
      expr {
        expression = "evaluatePreconfiguredWaf('scannerdetection-v422-stable', {'sensitivity': 1})"
      }
    }
  }

  dynamic "rule" {
    for_each = local.waf_rules
    content {
      priority    = rule.key
      action      = "deny(403)"
      preview     = rule.value.preview
      description = rule.value.about
      match {
        expr {
          expression = "${rule.value.when} && (${join(" || ", [for set in rule.value.sets : "evaluatePreconfiguredWaf('${set}', {'sensitivity': 1})"])})"
        }
      }
    }
  }

  # Pages of links: people open a few, programs guess. The code limits wrong passcodes; this limits the guesses at links.
  rule {
    priority    = 4000
    action      = "throttle"
    description = "Pages of links and calendar feeds a minute from one address"
    preview     = false
    match {
      expr {
        expression = "request.path.startsWith('${local.api_prefix}/links/') || request.path.startsWith('${local.api_prefix}/calendar/')"
      }
    }
    rate_limit_options {
      enforce_on_key = "IP"
      conform_action = "allow"
      exceed_action  = "deny(429)"

      rate_limit_threshold {
        count        = 60
        interval_sec = 60
      }
    }
  }

  # The payment provider sends the events of all clinics from a few addresses, and repeats what is refused for a day: it is
  # slowed down, and never banned.
  rule {
    priority    = 4010
    action      = "throttle"
    description = "Events of the payment provider a minute from one address"
    preview     = false
    match {
      expr {
        expression = "request.path.startsWith('${local.api_prefix}/payment-webhook/')"
      }
    }
    rate_limit_options {
      enforce_on_key = "IP"
      conform_action = "allow"
      exceed_action  = "deny(429)"

      rate_limit_threshold {
        count        = 3000
        interval_sec = 60
      }
    }
  }

  # All other requests pass at a limited rate. A clinic often shares one address, so the limit is far above one person's
  # use, also with open streams of progress: one request in 50 s each, or in 5 s when an instance has no place for more.
  # An address is banned for ten minutes when its excess requests in ten minutes reach ten times the limit.
  rule {
    priority    = 2147483646
    action      = "rate_based_ban"
    description = "Requests a minute from one address"
    preview     = false
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
    rate_limit_options {
      enforce_on_key   = "IP"
      conform_action   = "allow"
      exceed_action    = "deny(429)"
      ban_duration_sec = local.ban_seconds

      rate_limit_threshold {
        count        = var.requests_per_minute
        interval_sec = 60
      }
      ban_threshold {
        count        = var.requests_per_minute * local.ban_seconds / 60
        interval_sec = local.ban_seconds
      }
    }
  }

  # Google requires this default rule. It is never reached: the rule above matches every request.
  rule {
    priority    = 2147483647
    action      = "allow"
    description = "Default"
    preview     = false
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  depends_on = [google_project_service.api]
}
