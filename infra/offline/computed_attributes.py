"""Plausible values for the attributes that a provider computes.

A plan leaves these attributes unknown, because they exist only after apply. The rules compare the plan with the code
(members of IAM bindings, environments, addresses), so the offline provider generates their values in the form that
Google documents for each. An attribute without a template stays unknown.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

PROJECT_NUMBER = "123456789012"

# Templates by type and attribute; an attribute inside a block is written block.attribute. {name} is an attribute of the
# same resource, configured or computed. {project} and {region} default to the provider's. {service:agent} is the name
# of the service agent of an API.
RESOURCES: dict[str, dict[str, str]] = {
    "google_apikeys_key": {"id": "projects/{project}/locations/global/keys/{name}"},
    "google_artifact_registry_repository": {
        "id": "projects/{project}/locations/{location}/repositories/{repository_id}",
        "name": "{repository_id}",
        "registry_uri": "{location}-docker.pkg.dev/{project}/{repository_id}",
    },
    "google_cloud_scheduler_job": {"id": "projects/{project}/locations/{region}/jobs/{name}"},
    "google_cloud_tasks_queue": {"id": "projects/{project}/locations/{location}/queues/{name}"},
    "google_cloudfunctions2_function": {
        "id": "projects/{project}/locations/{location}/functions/{name}",
        "url": "https://{location}-{project}.cloudfunctions.net/{name}",
        "service_config.service": "projects/{project}/locations/{location}/services/{name}",
        "service_config.uri": "https://{name}-{project_number}.{location}.run.app",
    },
    "google_compute_backend_service": {"id": "projects/{project}/global/backendServices/{name}"},
    "google_compute_global_address": {"id": "projects/{project}/global/addresses/{name}"},
    "google_compute_managed_ssl_certificate": {"id": "projects/{project}/global/sslCertificates/{name}"},
    "google_compute_region_network_endpoint_group": {
        "id": "projects/{project}/regions/{region}/networkEndpointGroups/{name}",
    },
    "google_compute_security_policy": {"id": "projects/{project}/global/securityPolicies/{name}"},
    "google_compute_ssl_policy": {"id": "projects/{project}/global/sslPolicies/{name}"},
    "google_compute_target_http_proxy": {"id": "projects/{project}/global/targetHttpProxies/{name}"},
    "google_compute_target_https_proxy": {"id": "projects/{project}/global/targetHttpsProxies/{name}"},
    "google_compute_url_map": {"id": "projects/{project}/global/urlMaps/{name}"},
    "google_firestore_database": {"id": "projects/{project}/databases/{name}"},
    "google_kms_crypto_key": {"id": "{key_ring}/cryptoKeys/{name}"},
    "google_kms_key_ring": {"id": "projects/{project}/locations/{location}/keyRings/{name}"},
    "google_logging_project_bucket_config": {
        "id": "projects/{project}/locations/{location}/buckets/{bucket_id}",
        "name": "{id}",
    },
    "google_logging_project_sink": {
        "id": "projects/{project}/sinks/{name}",
        "writer_identity": "serviceAccount:service-{project_number}@gcp-sa-logging.iam.gserviceaccount.com",
    },
    "google_monitoring_notification_channel": {
        "id": "projects/{project}/notificationChannels/{display_name}",
        "name": "{id}",
    },
    "google_artifact_registry_repository_iam_member": {"id": "{repository}/{role}/{member}"},
    "google_kms_crypto_key_iam_member": {"id": "{crypto_key_id}/{role}/{member}"},
    "google_project_iam_member": {"id": "{project}/{role}/{member}"},
    "google_secret_manager_secret_iam_member": {"id": "{secret_id}/{role}/{member}"},
    "google_storage_bucket_iam_member": {"id": "b/{bucket}/{role}/{member}"},
    "google_project_iam_custom_role": {"id": "projects/{project}/roles/{role_id}", "name": "{id}"},
    "google_project_service": {"id": "{project}/{service}"},
    "google_project_service_identity": {
        "id": "projects/{project}/services/{service}",
        "email": "service-{project_number}@{service:agent}.iam.gserviceaccount.com",
        "member": "serviceAccount:{email}",
    },
    "google_pubsub_topic": {"id": "projects/{project}/topics/{name}"},
    "google_secret_manager_secret": {"id": "projects/{project}/secrets/{secret_id}", "name": "{id}"},
    "google_service_account": {
        "email": "{account_id}@{project}.iam.gserviceaccount.com",
        "id": "projects/{project}/serviceAccounts/{email}",
        "member": "serviceAccount:{email}",
        "name": "{id}",
    },
    "google_storage_bucket": {"id": "{name}", "url": "gs://{name}"},
    "google_storage_bucket_object": {"id": "{bucket}-{name}", "output_name": "{name}"},
}

DATA: dict[str, dict[str, str]] = {
    "google_logging_project_cmek_settings": {
        "id": "projects/{project}/cmekSettings",
        "name": "{id}",
        "service_account_id": "cmek-p{project_number}@gcp-sa-logging.iam.gserviceaccount.com",
    },
    "google_project": {
        "id": "projects/{project_id}",
        "name": "{project_id}",
        "number": PROJECT_NUMBER,
    },
    "google_storage_project_service_account": {
        "id": "{email_address}",
        "email_address": "service-{project_number}@gs-project-accounts.iam.gserviceaccount.com",
        "member": "serviceAccount:{email_address}",
    },
}

# Service agents that are not called gcp-sa-<service>: https://cloud.google.com/iam/docs/service-agents
_AGENTS = {
    "cloudfunctions": "gcf-admin-robot",
    "run": "serverless-robot-prod",
}


class _Unknown(Exception):
    """An attribute that a template refers to is unknown."""


class _Formatter(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec != "agent":
            return str(value)
        service = str(value).removesuffix(".googleapis.com")
        return _AGENTS.get(service, f"gcp-sa-{service}")


_FORMATTER = _Formatter()


class ComputedValues:
    """The computed values of one resource or data source."""

    def __init__(self, templates: Mapping[str, str], arguments: Mapping[str, Any], provider: Mapping[str, str]) -> None:
        """`arguments` are top-level; one that is neither a string nor a number counts as unknown."""
        self._templates = {**provider, "project_number": PROJECT_NUMBER, **templates}
        self._arguments = arguments

    def value(self, path: str) -> str | None:
        """The value of an attribute that the configuration does not set; None if it is unknown."""
        try:
            return self._computed(path)
        except _Unknown:
            return None

    def _computed(self, path: str) -> str:
        template = self._templates.get(path)
        if template is None:
            raise _Unknown
        fields = {field for _, field, _, _ in string.Formatter().parse(template) if field}
        return _FORMATTER.vformat(template, (), {field: self._field(field) for field in fields})

    def _field(self, name: str) -> str | int:
        argument = self._arguments.get(name)
        if argument is None:
            return self._computed(name)
        if not isinstance(argument, str | int):
            raise _Unknown
        return argument
