# The dashboard of the deployment.
locals {
  function_services = join("|", [for function in local.functions : function.service])

  charts = [
    {
      title  = "API: requests a second, by status class"
      stack  = true
      series = { "" = "sum by (response_code_class) (rate(${local.api_requests}}[5m]))" }
    },
    {
      title  = "API: part of the requests that fail"
      stack  = false
      series = { "5xx" = "sum(increase(${local.api_requests},response_code_class=\"500\"}[15m])) / sum(increase(${local.api_requests}}[15m]))" }
    },
    {
      # Without the sessions, whose streams of progress last 50 s by design. No alert depends on latencies.
      title = "API without sessions: latency at the load balancer, ms"
      stack = false
      series = { for name, quantile in { p50 = "0.50", p95 = "0.95" } : name =>
      "histogram_quantile(${quantile}, sum by (le) (increase(loadbalancing_googleapis_com:https_total_latencies_bucket{monitored_resource=\"https_lb_rule\",url_map_name=\"${google_compute_url_map.api.name}\",backend_target_name!=\"${google_compute_backend_service.function["sessions"].name}\"}[15m])))" }
    },
    {
      title  = "Functions: latency p95 by function, ms (sessions: with streams of 50 s)"
      stack  = false
      series = { "" = "histogram_quantile(0.95, sum by (service_name, le) (increase(run_googleapis_com:request_latencies_bucket{monitored_resource=\"cloud_run_revision\",service_name=~\"${local.function_services}\"}[15m])))" }
    },
    {
      title  = "Jobs: deliveries in 5 minutes, by function and status class"
      stack  = true
      series = { "" = "sum by (service_name, response_code_class) (increase(${local.job_requests}}[5m]))" }
    },
    {
      title  = "Jobs: stuck, by kind and what was done"
      stack  = true
      series = { "" = "sum by (kind, action) (increase(logging_googleapis_com:user_${google_logging_metric.stalled_jobs.name}{monitored_resource=\"cloud_run_revision\"}[10m]))" }
    },
    {
      title  = "Live audio: receipts in 5 minutes, by what was done and what became of the text"
      stack  = true
      series = { "" = "sum by (action, status) (increase(${local.live_metrics.pieces}[5m]))" }
    },
    {
      title = "Live audio: from the last sample of a piece to its receipt with the text, ms"
      stack = false
      series = { for name, quantile in { p50 = "0.50", p95 = "0.95" } : name =>
      "histogram_quantile(${quantile}, sum by (le) (increase(${local.live_metrics.delay}[15m])))" }
    },
    {
      title  = "Live audio: requests of recorders refused in 5 minutes, by operation, status and cause"
      stack  = true
      series = { "" = "sum by (operation, status, reason) (increase(${local.live_metrics.refused}[5m]))" }
    },
    {
      title  = "Live audio: gaps in 10 minutes, by how they were noticed"
      stack  = true
      series = { "" = "sum by (reason) (increase(${local.live_metrics.gaps}[10m]))" }
    },
    {
      title  = "Queues: depth"
      stack  = false
      series = { "" = "max by (queue_id) (cloudtasks_googleapis_com:queue_depth{monitored_resource=\"cloud_tasks_queue\"})" }
    },
    {
      title  = "Queues: attempts in 5 minutes, by response code"
      stack  = true
      series = { "" = "sum by (queue_id, response_code) (increase(${local.task_attempts}}[5m]))" }
    },
    {
      title  = "Queues: delay of attempts p95, ms"
      stack  = false
      series = { "" = "histogram_quantile(0.95, sum by (queue_id, le) (increase(cloudtasks_googleapis_com:queue_task_attempt_delays_bucket{monitored_resource=\"cloud_tasks_queue\"}[15m])))" }
    },
    {
      title  = "Events: age of the oldest that waits, s"
      stack  = false
      series = { "" = "max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource=\"pubsub_subscription\"})" }
    },
    {
      title  = "Functions: instances"
      stack  = true
      series = { "" = "sum by (service_name) (run_googleapis_com:container_instance_count{monitored_resource=\"cloud_run_revision\",service_name=~\"${local.function_services}\"})" }
    },
    {
      title = "Firestore: documents a second"
      stack = false
      series = { for name, metric in { reads = "read_ops_count", writes = "write_ops_count", deletes = "delete_ops_count" } : name =>
      "sum(rate(firestore_googleapis_com:document_${metric}{monitored_resource=\"firestore.googleapis.com/Database\"}[5m]))" }
    },
    {
      title  = "KMS: calls in 5 minutes, by method and code"
      stack  = true
      series = { "" = "sum by (method, response_code) (increase(${local.google_calls},service=\"cloudkms.googleapis.com\"}[5m]))" }
    },
    {
      title  = "Speech-to-Text and Gemini: calls in 5 minutes, by code"
      stack  = true
      series = { "" = "sum by (service, response_code) (increase(${local.google_calls},service=~\"(aiplatform|speech)[.]googleapis[.]com\"}[5m]))" }
    },
  ]
}

resource "google_monitoring_dashboard" "operations" {
  dashboard_json = jsonencode({
    displayName = "SynapseAI, ${var.environment}"
    mosaicLayout = {
      columns = 12
      tiles = [for index, chart in local.charts : merge(
        { width = 6, height = 4 },
        # The API omits a position of zero; an explicit zero would be a change in every plan.
        { for axis, position in { xPos = index % 2 * 6, yPos = floor(index / 2) * 4 } : axis => position if position > 0 },
        {
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [for legend, query in chart.series : merge(
                {
                  timeSeriesQuery = { prometheusQuery = query }
                  plotType        = chart.stack ? "STACKED_AREA" : "LINE"
                  targetAxis      = "Y1"
                },
                legend == "" ? {} : { legendTemplate = legend },
              )]
            }
          }
        },
      )]
    }
  })

  depends_on = [google_project_service.api]
}
