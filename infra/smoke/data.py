"""The database and the sign-in: indexes, times to live, the rules of apps, and the settings of Identity Platform."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import yaml

from infra.catalogue import ROOT
from infra.firestore_indexes import CompositeIndex, declared
from infra.google_apis import GoogleApis, Json
from infra.smoke.services import Deployed
from infra.verdicts import Check, Unknown

SHORTEST_PASSWORD = 12
"""As infra/password-policy.sh sets it."""

Index = tuple[str, str, tuple[tuple[str, str], ...]]
"""Collection, scope, and the fields with their order or CONTAINS."""


def checks(apis: GoogleApis, deployed: Deployed) -> list[Check]:
    """The checks of this module."""
    return [
        Check(
            "requests are audited with the address of who sent them",
            lambda: _wrong_addresses(apis, deployed),
            "make a request of a clinic and look again; the address is read in shared/web/request.py",
        ),
        Check("every index is ready", lambda: _unready(apis, deployed), "wait: an index takes minutes"),
        Check("every time to live is active", lambda: _kept(apis, deployed), "wait: a policy takes minutes"),
        Check(
            "apps are under firestore.rules as it is here",
            lambda: _other_rules(apis, deployed),
            "plan and apply from this commit",
        ),
        Check(
            "sign-in does not tell who has an account, and asks for long passwords",
            lambda: _open_sign_in(apis),
            f'infra/password-policy.sh "{apis.project}"; the rest in the console (Identity Platform, Settings)',
        ),
    ]


def _wrong_addresses(apis: GoogleApis, deployed: Deployed) -> Iterator[str]:
    """The load balancer's own address in place of the client's means that its header has another form."""
    documents = f"firestore.googleapis.com/v1/projects/{apis.project}/databases/{deployed.database}/documents"
    clinics = apis.get(f"{documents}/clinics", pageSize=1, showMissing="true").get("documents", [])
    if not clinics:
        raise Unknown("there is no clinic yet")
    clinic = clinics[0]["name"].rpartition("/")[2]
    fields = {"orderBy": "at desc", "mask.fieldPaths": "origin.address"}
    entries = apis.get(f"{documents}/clinics/{clinic}/audit", pageSize=20, **fields).get("documents", [])
    addresses = {_address(entry) for entry in entries} - {""}
    if not addresses:
        raise Unknown("nobody has sent a request yet")
    if deployed.load_balancer_ip in addresses:
        yield "it is that of the load balancer"


def _address(entry: Json) -> str:
    origin = entry.get("fields", {}).get("origin", {}).get("mapValue", {}).get("fields", {})
    return str(origin.get("address", {}).get("stringValue", ""))


def _groups(apis: GoogleApis, deployed: Deployed) -> str:
    return f"firestore.googleapis.com/v1/projects/{apis.project}/databases/{deployed.database}/collectionGroups/-"


def _unready(apis: GoogleApis, deployed: Deployed) -> Iterator[str]:
    found = {_index(one): one["state"] for one in apis.all(f"{_groups(apis, deployed)}/indexes", "indexes")}
    wanted = {_declared(index) for index in declared().composite}
    states = Counter(found.get(index, "missing") for index in wanted)
    yield from (f"{count} {state}" for state, count in sorted(states.items()) if state != "READY")


def _index(found: Json) -> Index:
    fields = [field for field in found["fields"] if field["fieldPath"] != "__name__"]
    return (
        found["name"].split("/collectionGroups/")[1].partition("/")[0],
        found["queryScope"],
        tuple((field["fieldPath"], field.get("order") or field.get("arrayConfig", "")) for field in fields),
    )


def _declared(index: CompositeIndex) -> Index:
    """In the order of infra/firestore.tf."""
    contains = [(index.contains, "CONTAINS")] if index.contains else []
    order = [(field, "DESCENDING" if descending else "ASCENDING") for field, descending in index.order]
    fields = [*((field, "ASCENDING") for field in index.equal), *contains, *order]
    return index.collection, "COLLECTION_GROUP" if index.group else "COLLECTION", tuple(fields)


def _kept(apis: GoogleApis, deployed: Deployed) -> Iterator[str]:
    wanted = yaml.safe_load((ROOT / "infra" / "firestore.yaml").read_text(encoding="utf-8"))["ttl_fields"]
    fields = apis.all(f"{_groups(apis, deployed)}/fields", "fields", filter="ttlConfig:*")
    states = {field["name"].split("/collectionGroups/")[1]: field["ttlConfig"]["state"] for field in fields}
    for collection, field in wanted.items():
        state = states.get(f"{collection}/fields/{field}", "missing")
        if state != "ACTIVE":
            yield f"{collection}.{field} is {state}"


def _other_rules(apis: GoogleApis, deployed: Deployed) -> Iterator[str]:
    release = "cloud.firestore" + ("" if deployed.database == "(default)" else f"/{deployed.database}")
    host = "firebaserules.googleapis.com/v1"
    ruleset = apis.get(f"{host}/projects/{apis.project}/releases/{release}")["rulesetName"]
    files = apis.get(f"{host}/{ruleset}")["source"]["files"]
    if [file["content"] for file in files] != [(ROOT / "firestore.rules").read_text(encoding="utf-8")]:
        yield f"{ruleset.rpartition('/')[2]} has other rules"


def _open_sign_in(apis: GoogleApis) -> Iterator[str]:
    config = apis.get(f"identitytoolkit.googleapis.com/admin/v2/projects/{apis.project}/config")
    if not config.get("emailPrivacyConfig", {}).get("enableImprovedEmailPrivacy"):
        yield "it tells whether an address has an account"
    if not config.get("client", {}).get("permissions", {}).get("disabledUserSignup"):
        yield "anybody may make an account"
    if config.get("mfa", {}).get("state") != "ENABLED":
        yield "no second factor can be enrolled"
    if config.get("smsRegionConfig", {}).get("allowByDefault") is not None:
        yield "text messages are sent to every region"
    policy = config.get("passwordPolicyConfig", {})
    lengths = [
        version.get("customStrengthOptions", {}).get("minPasswordLength", 0)
        for version in policy.get("passwordPolicyVersions", [])
    ]
    if policy.get("passwordPolicyEnforcementState") != "ENFORCE" or min(lengths, default=0) < SHORTEST_PASSWORD:
        yield f"passwords may have fewer than {SHORTEST_PASSWORD} characters"
