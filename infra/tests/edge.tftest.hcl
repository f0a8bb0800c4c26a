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

# Few runs with many assertions, because each run plans everything, which takes seconds. Error messages name the fault.

run "the_load_balancer_is_encrypted_and_protected_and_routes_to_the_functions" {
  command = plan

  # TLS

  assert {
    condition     = google_compute_global_forwarding_rule.https.port_range == "443" && google_compute_global_forwarding_rule.https.target == google_compute_target_https_proxy.api.id
    error_message = "Port 443 does not route to the API."
  }
  assert {
    condition     = google_compute_target_https_proxy.api.ssl_policy == google_compute_ssl_policy.edge.id
    error_message = "The load balancer has no TLS policy."
  }
  assert {
    condition     = google_compute_ssl_policy.edge.min_tls_version == "TLS_1_2" && google_compute_ssl_policy.edge.profile == "MODERN"
    error_message = "The load balancer accepts old TLS."
  }
  assert {
    condition     = google_compute_managed_ssl_certificate.api.managed[0].domains == tolist(["api.example.org"]) && google_compute_target_https_proxy.api.ssl_certificates == tolist([google_compute_managed_ssl_certificate.api.id])
    error_message = "The certificate is for another host, or unused."
  }
  assert {
    condition     = google_compute_global_forwarding_rule.http.port_range == "80" && google_compute_global_forwarding_rule.http.target == google_compute_target_http_proxy.redirect.id
    error_message = "Port 80 does not route to the redirect."
  }
  assert {
    condition     = google_compute_target_http_proxy.redirect.url_map == google_compute_url_map.redirect.id && google_compute_url_map.redirect.default_url_redirect[0].https_redirect
    error_message = "Port 80 does not redirect to https."
  }
  assert {
    condition     = length(google_compute_url_map.redirect.path_matcher) == 0 && google_compute_url_map.redirect.default_service == null
    error_message = "Port 80 serves more than the redirect."
  }
  assert {
    condition     = google_compute_global_forwarding_rule.http.ip_address == google_compute_global_forwarding_rule.https.ip_address
    error_message = "The two ports have different addresses."
  }

  # Paths

  assert {
    condition = merge([
      for rule in google_compute_url_map.api.path_matcher[0].route_rules : {
        for match in rule.match_rules :
        coalesce(match.path_template_match, match.full_path_match, match.prefix_match) => rule.service
      }
      ]...) == merge([
      for name, function in local.http_functions : {
        for path in concat(
          flatten([for path in function.sub_paths : ["/api/v1${path}", "/api/v1${path}/**"]]),
          flatten([for path in function.paths : ["/api/v1${path}", "/api/v1${path}/"]]),
        ) : path => google_compute_backend_service.function[name].id
      }
    ]...)
    error_message = "A path routes to another function, or to none."
  }
  assert {
    condition = alltrue([
      for service in [google_compute_url_map.api.default_service, google_compute_url_map.api.path_matcher[0].default_service] :
      service == google_compute_backend_service.function[local.catalogue.fallback].id
    ])
    error_message = "Unknown paths do not route to the fallback of the catalogue."
  }
  assert {
    condition = alltrue([
      for name, group in google_compute_region_network_endpoint_group.function :
      group.network_endpoint_type == "SERVERLESS" && group.cloud_run[0].service == google_cloudfunctions2_function.function[name].name
    ])
    error_message = "A backend routes to another service than its function's."
  }
  assert {
    condition     = keys(google_compute_backend_service.function) == keys(local.http_functions)
    error_message = "A function that is not HTTP can be reached through the load balancer."
  }

  assert {
    condition = alltrue([
      for backend in google_compute_backend_service.function : backend.load_balancing_scheme == "EXTERNAL_MANAGED" && backend.protocol == "HTTPS"
    ])
    error_message = "A backend has another scheme or protocol than those that were seen to work with Cloud Run."
  }

  # Cloud Armor

  assert {
    condition = alltrue([
      for backend in google_compute_backend_service.function : backend.security_policy == google_compute_security_policy.edge.id
    ])
    error_message = "A function can be reached without Cloud Armor."
  }
  assert {
    condition = alltrue([
      for name, backend in google_compute_backend_service.function :
      backend.log_config[0].enable && backend.log_config[0].sample_rate == 1 && backend.log_config[0].optional_mode == "EXCLUDE_ALL_OPTIONAL"
      if name != "links"
    ])
    error_message = "Requests are not all logged, or with optional fields."
  }
  assert {
    condition     = !google_compute_backend_service.function["links"].log_config[0].enable
    error_message = "The load balancer logs the URLs of links, which are secrets."
  }
  assert {
    condition = alltrue([
      for part in ["log_id(\"run.googleapis.com/requests\")", "resource.labels.service_name=\"links\""] :
      strcontains(google_logging_project_exclusion.secret_paths["links"].filter, part)
    ])
    error_message = "Cloud Run's request log keeps the URLs of links, which are secrets."
  }
  assert {
    condition = anytrue([
      for rule in google_compute_security_policy.edge.rule :
      try(one(one(rule.match).expr).expression, "") == "request.path.startsWith('/api/v1/links/') || request.path.startsWith('/api/v1/calendar/')"
      if rule.action == "throttle" && !rule.preview
    ])
    error_message = "Guesses at links are not limited by address."
  }
  assert {
    condition = anytrue([
      for rule in google_compute_security_policy.edge.rule :
      try(one(one(rule.match).expr).expression, "") == "request.path.startsWith('/api/v1/payment-webhook/')"
      if rule.action == "throttle" && !rule.preview && rule.priority < 2147483646
    ])
    error_message = "The payment provider's events fall under the rule that bans an address."
  }
  assert {
    condition     = google_compute_security_policy.edge.advanced_options_config[0].log_level == "NORMAL"
    error_message = "Cloud Armor logs the matched text, which clinicians wrote."
  }
  assert {
    condition     = google_compute_security_policy.edge.adaptive_protection_config[0].layer_7_ddos_defense_config[0].enable
    error_message = "Adaptive protection against floods is off."
  }
  assert {
    condition = alltrue([
      for rule in google_compute_security_policy.edge.rule : rule.preview || startswith(one(one(rule.match).expr).expression, "!${local.waf_has_body} && (")
      if anytrue([for set in concat(local.waf_injection, local.waf_inclusion) : strcontains(try(one(one(rule.match).expr).expression, ""), set)])
    ])
    error_message = "A rule on content is enforced on requests with a body, which contains free text."
  }
  assert {
    condition     = local.waf_has_body == "request.method.matches('^(POST|PUT|PATCH)$')"
    error_message = "The rules detect requests with a body by other methods than POST, PUT and PATCH."
  }
  assert {
    condition = alltrue([
      for set in ["sqli", "xss", "rce", "generic", "lfi", "rfi", "protocolattack", "scannerdetection"] : anytrue([
        for rule in google_compute_security_policy.edge.rule :
        strcontains(try(one(one(rule.match).expr).expression, ""), "evaluatePreconfiguredWaf('${set}-v422-stable', {'sensitivity': 1})")
        if rule.action == "deny(403)" && !rule.preview
      ])
    ])
    error_message = "A rule set is never enforced."
  }
  assert {
    condition = anytrue([
      for rule in google_compute_security_policy.edge.rule :
      try(one(one(rule.match).expr).expression, "") == "evaluatePreconfiguredWaf('cve-canary', {'sensitivity': 1})"
      if rule.action == "deny(403)" && !rule.preview
    ])
    error_message = "Log4j lookups pass."
  }
  assert {
    condition = alltrue([
      for rule in google_compute_security_policy.edge.rule : length(split("evaluatePreconfiguredWaf", try(one(one(rule.match).expr).expression, ""))) <= 5
    ])
    error_message = "A rule has more than five expressions, Cloud Armor's limit; one of them is the method."
  }

  # Outputs

  assert {
    condition     = output.functions_to_open == "synapse-offline asia-south1"
    error_message = "A function that a grant opens is opened again."
  }
  assert {
    condition     = output.api_url == "https://api.example.org/api/v1"
    error_message = "The output api_url is wrong."
  }
  assert {
    condition     = output.web_client == { projectId = "synapse-offline", authDomain = "synapse-offline.firebaseapp.com", databaseId = "(default)" }
    error_message = "The output web_client, the configuration of the Firebase SDK, is wrong."
  }
  assert {
    condition     = endswith(output.signing_public_key, "get-public-key 1 --key=report-signing --keyring=synapse --location=asia-south1 --project=synapse-offline")
    error_message = "The output signing_public_key prints another key than the signing key."
  }
}

run "domain_rate_and_invoker_are_variables" {
  command = plan

  variables {
    domain              = "api.example.net"
    requests_per_minute = 300
    public_invoker      = "unchecked"
  }

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.public) == 0 && alltrue([for grant in google_cloud_run_v2_service_iam_member.invoker : grant.member != "allUsers"])
    error_message = "A grant to allUsers is planned, which an organisation with domain-restricted sharing refuses."
  }
  assert {
    condition     = output.functions_to_open == join(" ", concat(["synapse-offline", "asia-south1"], [for name in keys(local.http_functions) : replace(name, "_", "-")]))
    error_message = "Not every HTTP function is opened, or another function is."
  }

  assert {
    condition     = google_compute_managed_ssl_certificate.api.name != "synapse-${substr(sha256("api.example.org"), 0, 8)}"
    error_message = "The new certificate has the name of the old one, so it cannot be created while the old one is in use."
  }
  assert {
    condition     = one(google_compute_url_map.api.host_rule).hosts == toset(["api.example.net"])
    error_message = "The load balancer answers for another host."
  }
  assert {
    condition = anytrue([
      for rule in google_compute_security_policy.edge.rule : (
        rule.action == "rate_based_ban" && !rule.preview &&
        one(one(rule.match).config).src_ip_ranges == toset(["*"]) &&
        one(rule.rate_limit_options).enforce_on_key == "IP" &&
        one(rule.rate_limit_options).exceed_action == "deny(429)" &&
        one(one(rule.rate_limit_options).rate_limit_threshold).count == 300 &&
        one(one(rule.rate_limit_options).rate_limit_threshold).interval_sec == 60 &&
        one(one(rule.rate_limit_options).ban_threshold).count == 3000 &&
        one(one(rule.rate_limit_options).ban_threshold).interval_sec == 600 &&
        one(rule.rate_limit_options).ban_duration_sec == 600
      ) if rule.action == "rate_based_ban"
    ])
    error_message = "The rate of one address is not limited by requests_per_minute."
  }
  assert {
    condition = max([for rule in google_compute_security_policy.edge.rule : rule.priority if startswith(rule.action, "deny")]...) < min([
      for rule in google_compute_security_policy.edge.rule : rule.priority if !startswith(rule.action, "deny")
    ]...)
    error_message = "A rule that allows comes before one that denies, which is then never reached."
  }
}
