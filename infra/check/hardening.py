"""Security rules: no public bucket, no data without CMEK, no key that never rotates or that a plan may destroy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.check.deployment import Deployment
from infra.check.permissions import EVENT_PUBLISHER, EVENT_RECEIVER, SERVICE_AGENTS, STORAGE_AGENT
from infra.check.plan import Resource
from infra.check.roles import grants

_ENCRYPTER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
_KEY_BLOCK = re.compile(r'^resource "google_kms_(?:crypto_key|key_ring)" "(\w+)" \{\n(.*?)^\}', re.M | re.S)


def keys(deployment: Deployment) -> Iterator[str]:
    """Symmetric keys rotate, asymmetric ones do not (KMS refuses it), and none can be destroyed by a plan."""
    for key in deployment.plan.of("google_kms_crypto_key"):
        symmetric = key.text("purpose") in ("", "ENCRYPT_DECRYPT")
        if symmetric and not key.text("rotation_period"):
            yield f"symmetric key without rotation: {key.address}"
        if not symmetric and key.text("rotation_period"):
            yield f"asymmetric key with rotation: {key.address}"
    blocks = dict(_KEY_BLOCK.findall(deployment.terraform))
    for name in sorted(
        {re.sub(r"\[.*", "", k.address).rpartition(".")[2] for k in deployment.plan.of("google_kms_crypto_key")}
    ):
        if not re.search(r"^\s*prevent_destroy\s*=\s*true\s*$", blocks.get(name, ""), re.M):
            yield f"key that a plan may destroy: {name}"


def key_purposes(deployment: Deployment) -> Iterator[str]:
    """The keys in the functions' environment have the purpose and the algorithm that the code uses."""
    known = deployment.plan.named("google_kms_crypto_key", "id")
    for variable, purpose in (("DATA_KEY", "ENCRYPT_DECRYPT"), ("SIGNING_KEY", "ASYMMETRIC_SIGN")):
        key = known.get(deployment.value(variable))
        if key is not None and (key.text("purpose") or "ENCRYPT_DECRYPT") != purpose:
            yield f"wrong key: {variable} is {key.address}, which is not for {purpose}"
    signing = known.get(deployment.value("SIGNING_KEY"))
    if signing is not None and signing.text("version_template", "algorithm") != "EC_SIGN_P256_SHA256":
        yield f"wrong key: {signing.address} does not sign with EC P-256 and SHA-256"


def buckets(deployment: Deployment) -> Iterator[str]:
    """No bucket can be made public, by grants or by ACLs, and each is encrypted with a planned key."""
    planned_keys = deployment.plan.named("google_kms_crypto_key", "id")
    for bucket in deployment.plan.of("google_storage_bucket"):
        if bucket.text("public_access_prevention") != "enforced":
            yield f"public bucket: {bucket.address} does not prevent public access"
        if bucket.get("uniform_bucket_level_access") is not True:
            yield f"bucket without uniform access: {bucket.address}"
        if bucket.text("encryption", "default_kms_key_name") not in planned_keys:
            yield f"bucket without a key of ours: {bucket.address}"


def erasure(deployment: Deployment) -> Iterator[str]:
    """Deleted recordings, pieces, results and exports cannot be restored; a result that no function processed is
    deleted after a day, an export after 8, and a piece after 30."""
    known = deployment.plan.named("google_storage_bucket")
    for variable in ("AUDIO_BUCKET", "PIECES_BUCKET", "RESULTS_BUCKET", "EXPORTS_BUCKET"):
        bucket = known.get(deployment.value(variable))
        if bucket is None:
            continue  # functions.referenced_resources reports it
        if bucket.get("versioning", "enabled"):
            yield f"erased data is kept: {bucket.address} keeps versions"
        if bucket.text("soft_delete_policy", "retention_duration_seconds") != "0":
            yield f"erased data is kept: {bucket.address} deletes softly"
        if variable == "RESULTS_BUCKET" and not any(_deletes_after(rule, 1) for rule in _rules(bucket)):
            yield f"results are kept: {bucket.address} has no rule that deletes them after a day"
        if variable == "EXPORTS_BUCKET" and not any(_deletes_after(rule, 8) for rule in _rules(bucket)):
            yield f"exports are kept: {bucket.address} has no rule that deletes them after 8 days"
        if variable == "PIECES_BUCKET" and not any(_deletes_after(rule, 30) for rule in _rules(bucket)):
            yield f"pieces are kept: {bucket.address} has no rule that deletes them after 30 days"


def encryption_agents(deployment: Deployment) -> Iterator[str]:
    """Service agents may use the keys of their resources; without that role nothing can be written."""
    granted = {
        (grant.on.partition(" ")[2], grant.member) for grant in grants(deployment.plan) if grant.role == _ENCRYPTER
    }
    for resource in deployment.plan.of(*SERVICE_AGENTS):
        for key in sorted(keys_of(resource)):
            if not any(on == key and member.endswith(SERVICE_AGENTS[resource.kind]) for on, member in granted):
                yield f"missing role: the service of {resource.address} may not use {key}"


def event_agents(deployment: Deployment) -> Iterator[str]:
    """The account of each trigger may receive events, and the storage agent may publish them."""
    granted = [grant for grant in grants(deployment.plan) if grant.on.startswith("google_project ")]
    receivers = {grant.member for grant in granted if grant.role == EVENT_RECEIVER}
    for name, resource in deployment.deployed.items():
        account = resource.text("event_trigger", "service_account_email")
        if account and f"serviceAccount:{account}" not in receivers:
            yield f"missing role: {account}, the trigger account of {name}, needs {EVENT_RECEIVER} on the project"
    if not any(grant.role == EVENT_PUBLISHER and grant.member.endswith(STORAGE_AGENT) for grant in granted):
        yield f"missing role: the service agent of Storage needs {EVENT_PUBLISHER} on the project"


def _rules(bucket: Resource) -> list[Resource]:
    """The lifecycle rules of a bucket, wrapped as resources for their accessors."""
    return [Resource(bucket.address, "lifecycle_rule", "", rule) for rule in bucket.blocks("lifecycle_rule")]


def _deletes_after(rule: Resource, days: int) -> bool:
    return rule.text("action", "type") == "Delete" and rule.text("condition", "age") == str(days)


def keys_of(resource: Resource) -> set[str]:
    """The keys that encrypt a resource."""
    replicas = resource.blocks("replication", "user_managed", "replicas")
    keys = [
        resource.text("encryption", "default_kms_key_name"),
        resource.text("cmek_config", "kms_key_name"),
        resource.text("cmek_settings", "kms_key_name"),
        resource.text("kms_key_name"),
        *(Resource("", "", "", replica).text("customer_managed_encryption", "kms_key_name") for replica in replicas),
    ]
    return {key for key in keys if key}
