# The only entry: a global external Application Load Balancer. It terminates TLS, applies Cloud Armor, and routes each
# path of the catalogue to its function. The functions add HSTS and the other security headers themselves.
#
# The load balancer appends two addresses to X-Forwarded-For: the client's and then its own
# (cloud.google.com/load-balancing/docs/https#x-forwarded-for_header). Earlier entries are unverified claims of the
# client. The functions' ingress admits only the load balancer, so the last but one address is the client's;
# shared/web/api.py uses it.
#
# Streams (GET /sessions/{id}/progress, 50 s each) need no settings. For serverless network endpoint groups the timeout is
# fixed at 60 minutes (cloud.google.com/load-balancing/docs/https#timeouts_and_retries), so that of the function applies.
# Neither Cloud CDN nor compression is on, which might hold parts of a response back.
locals {
  api_prefix = "/api/v1"

  # Where each path goes; the first match decides. A path matcher has either path rules or route rules, and only route
  # rules have wildcards within a path (cloud.google.com/load-balancing/docs/url-map-concepts, November 2026). Such a
  # template has five wildcards at most, and only its last may be **; a load balancer of the scheme EXTERNAL_MANAGED
  # takes it.
  routes = concat(
    [for name, function in local.http_functions : {
      function = name
      matches = flatten([for path in function.sub_paths : [
        { template = "${local.api_prefix}${path}", full = null, prefix = null },
        { template = "${local.api_prefix}${path}/**", full = null, prefix = null },
      ]])
    } if length(function.sub_paths) > 0],
    [for name, function in local.http_functions : {
      function = name
      matches = flatten([for path in function.paths : [
        { template = null, full = "${local.api_prefix}${path}", prefix = null },
        { template = null, full = null, prefix = "${local.api_prefix}${path}/" },
      ]])
    } if length(function.paths) > 0],
  )

  # Functions with secrets in their paths: neither the load balancer nor Cloud Run may keep a request of theirs.
  secret_paths = ["links"]
}

# Cloud Run logs the URL of each request, which cannot be switched off. The project's log bucket does not take these
# entries; a sink of the organisation needs the same exclusion (docs/upkeep.md).
resource "google_logging_project_exclusion" "secret_paths" {
  for_each = toset(local.secret_paths)

  name        = "requests-of-${local.functions[each.key].service}"
  description = "The URLs of these requests are secrets."
  filter = trimspace(<<-EOT
    log_id("run.googleapis.com/requests")
    resource.type="cloud_run_revision"
    resource.labels.service_name="${local.functions[each.key].service}"
  EOT
  )

  depends_on = [google_project_service.api]
}

resource "google_compute_global_address" "edge" {
  name = "synapse-edge"

  depends_on = [google_project_service.api]
}

resource "google_compute_region_network_endpoint_group" "function" {
  for_each = local.http_functions

  name                  = each.value.service
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloudfunctions2_function.function[each.key].name
  }
}

resource "google_compute_backend_service" "function" {
  for_each = local.http_functions

  name                  = each.value.service
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.edge.id

  backend {
    group = google_compute_region_network_endpoint_group.function[each.key].id
  }

  # Logs every request with Cloud Armor's decision. An entry has the URL, which contains ids only, but no headers and no
  # body. The paths of links are secrets: their requests are not logged at all (docs/adr/0015-links-and-logs.md).
  log_config {
    enable        = !contains(local.secret_paths, each.key)
    sample_rate   = contains(local.secret_paths, each.key) ? null : 1
    optional_mode = contains(local.secret_paths, each.key) ? null : "EXCLUDE_ALL_OPTIONAL"
  }
}

resource "google_compute_url_map" "api" {
  name            = "synapse-api"
  default_service = google_compute_backend_service.function[local.catalogue.fallback].id

  host_rule {
    hosts        = [var.domain]
    path_matcher = "api"
  }

  path_matcher {
    name            = "api"
    default_service = google_compute_backend_service.function[local.catalogue.fallback].id

    dynamic "route_rules" {
      for_each = local.routes
      content {
        priority = route_rules.key
        service  = google_compute_backend_service.function[route_rules.value.function].id

        dynamic "match_rules" {
          for_each = route_rules.value.matches
          content {
            path_template_match = match_rules.value.template
            full_path_match     = match_rules.value.full
            prefix_match        = match_rules.value.prefix
          }
        }
      }
    }
  }
}

# A Google-managed certificate instead of Certificate Manager: for one host it needs only the DNS record that the host
# needs anyway. Google issues it within an hour after that record points here. A new domain creates a new certificate
# before the old one is deleted; hence the domain's hash in the name.
resource "google_compute_managed_ssl_certificate" "api" {
  name = "synapse-${substr(sha256(var.domain), 0, 8)}"

  managed {
    domains = [var.domain]
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_project_service.api]
}

resource "google_compute_ssl_policy" "edge" {
  name            = "synapse-edge"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.api]
}

resource "google_compute_target_https_proxy" "api" {
  name             = "synapse-api"
  url_map          = google_compute_url_map.api.id
  ssl_certificates = [google_compute_managed_ssl_certificate.api.id]
  ssl_policy       = google_compute_ssl_policy.edge.id
}

resource "google_compute_global_forwarding_rule" "https" {
  name                  = "synapse-https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.edge.id
  port_range            = "443"
  target                = google_compute_target_https_proxy.api.id
}

# Port 80 only redirects to the same URL under https.

resource "google_compute_url_map" "redirect" {
  name = "synapse-redirect"

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "PERMANENT_REDIRECT" # 308: a POST stays a POST
    strip_query            = false
  }

  depends_on = [google_project_service.api]
}

resource "google_compute_target_http_proxy" "redirect" {
  name    = "synapse-redirect"
  url_map = google_compute_url_map.redirect.id
}

resource "google_compute_global_forwarding_rule" "http" {
  #checkov:skip=CKV2_GCP_20: Port 80 only redirects to https.
  name                  = "synapse-http"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.edge.id
  port_range            = "80"
  target                = google_compute_target_http_proxy.redirect.id
}
