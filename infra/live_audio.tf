# What is counted of live audio: pieces and their receipts, refused pieces, gaps, and how late a piece is. The log lines
# are those of shared/workflows/visits/live/log.py, and of each request (shared/web/api.py).
locals {
  live_lines = <<-EOT
    resource.type="cloud_run_revision"
    jsonPayload.logger="synapse.live"
  EOT

  # By what is counted: the series that alerts and the dashboard read.
  live_metrics = {
    pieces  = "logging_googleapis_com:user_${google_logging_metric.live_pieces.name}{monitored_resource=\"cloud_run_revision\"}"
    delay   = "logging_googleapis_com:user_${google_logging_metric.live_delay.name}_bucket{monitored_resource=\"cloud_run_revision\"}"
    refused = "logging_googleapis_com:user_${google_logging_metric.live_refused.name}{monitored_resource=\"cloud_run_revision\"}"
    gaps    = "logging_googleapis_com:user_${google_logging_metric.live_gaps.name}{monitored_resource=\"cloud_run_revision\"}"
  }
}

resource "google_logging_metric" "live_pieces" {
  name        = "live_pieces"
  description = "Receipts of pieces, by what was done (stored: the first receipt, repeated: a further one) and whether the piece became text."
  filter      = "${local.live_lines}jsonPayload.message=\"piece received\""

  label_extractors = {
    action = "EXTRACT(jsonPayload.action)"
    status = "EXTRACT(jsonPayload.status)"
  }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key         = "action"
      value_type  = "STRING"
      description = "stored or repeated."
    }
    labels {
      key         = "status"
      value_type  = "STRING"
      description = "recognised, no_speech or failed."
    }
  }

  depends_on = [google_project_service.api]
}

# From the capture of a piece's last sample, by the client's clock, to its receipt with the text.
resource "google_logging_metric" "live_delay" {
  name            = "live_delay"
  description     = "Delay of pieces that are stored, in milliseconds."
  filter          = "${local.live_lines}jsonPayload.message=\"piece received\"\njsonPayload.action=\"stored\""
  value_extractor = "EXTRACT(jsonPayload.milliseconds)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "ms"
  }

  # From 100 ms to 15 minutes: a piece that waited on a device is later, and falls into the last bucket.
  bucket_options {
    exponential_buckets {
      num_finite_buckets = 23
      growth_factor      = 1.5
      scale              = 100
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_logging_metric" "live_refused" {
  name        = "live_refused"
  description = "Pieces, and other requests of recorders, that were refused, by operation, status and cause."
  filter = trimspace(<<-EOT
    resource.type="cloud_run_revision"
    resource.labels.service_name="${local.functions["live_audio"].service}"
    jsonPayload.message="request"
    jsonPayload.method="POST"
    jsonPayload.status>=400
  EOT
  )

  label_extractors = {
    operation = "EXTRACT(jsonPayload.operation)"
    status    = "EXTRACT(jsonPayload.status)"
    reason    = "EXTRACT(jsonPayload.reason)"
  }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key         = "operation"
      value_type  = "STRING"
      description = "Name of the operation."
    }
    labels {
      key         = "status"
      value_type  = "STRING"
      description = "HTTP status: 403 for a missing consent, 409 for the state of the session or another piece."
    }
    labels {
      key         = "reason"
      value_type  = "STRING"
      description = "The code of the problem, or its name if it has none: piece_differs, taken_over, consent-missing (docs/problems.md)."
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_logging_metric" "live_gaps" {
  name        = "live_gaps"
  description = "Gaps in live audio, by how they were noticed."
  filter      = "${local.live_lines}jsonPayload.message=\"gap in live audio\""

  label_extractors = { reason = "EXTRACT(jsonPayload.reason)" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key         = "reason"
      value_type  = "STRING"
      description = "completion_refused, declared_lost or silent."
    }
  }

  depends_on = [google_project_service.api]
}
