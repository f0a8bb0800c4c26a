#!/usr/bin/env bash
# Prepares a project for the first apply: what Terraform needs before it runs, and what takes minutes to take effect.
#
# infra/bootstrap.sh PROJECT REGION    (idempotent; docs/deploy.md has the steps before and after)
#
# Also run it after an API was added to apis.txt. Bash 3.2, which macOS has, runs it.
set -euo pipefail

project="${1:?usage: infra/bootstrap.sh PROJECT REGION}"
region="${2:?usage: infra/bootstrap.sh PROJECT REGION}"
bucket="gs://$project-terraform"
apis="$(dirname "$0")/apis.txt"

# Google says that a change takes 2 minutes as a rule (cloud.google.com/iam/docs/access-change-propagation).
propagation_seconds=120

step() { echo "- $*"; }

# The APIs that are not enabled, and then the service agents: the first grant to an agent must find it. Google takes at
# most 20 APIs in a call. (A command's failure within [[ ]] would be lost, so each answer has a variable.)
enabled="$(gcloud services list --enabled --project="$project" --format="value(config.name)")"
missing="$(awk '/^[a-z]/ { print $1 }' "$apis" | grep -Fxv -e "$enabled" || true)"
if [[ -n "$missing" ]]; then
    step "enabling $(wc -w <<<"$missing" | tr -d " ") APIs"
    echo "$missing" | xargs -n 20 gcloud services enable --project="$project"
    step "waiting $propagation_seconds seconds, until the APIs answer"
    sleep "$propagation_seconds"
fi
for api in $(awk '$2 == "agent" { print $1 }' "$apis"); do
    step "making the service agent of $api"
    gcloud beta services identity create --service="$api" --project="$project"
done

# The state describes all resources. Keep versions, to restore an earlier state if the newest is broken.
if ! gcloud storage buckets describe "$bucket" --project="$project" >/dev/null 2>&1; then
    step "creating the bucket of the state"
    gcloud storage buckets create "$bucket" --project="$project" --location="$region" \
        --uniform-bucket-level-access --public-access-prevention
fi
gcloud storage buckets update "$bucket" --versioning

# Disable the Compute Engine default account. Nothing here runs as it, and some organisations make it an editor of the
# project, which anybody who may start builds or services could use.
number="$(gcloud projects describe "$project" --format="value(projectNumber)")"
default="$number-compute@developer.gserviceaccount.com"
account="$(gcloud iam service-accounts list --filter="email=$default" --project="$project" --format="value(email)")"
if [[ -n "$account" ]]; then
    step "disabling the default account of Compute Engine"
    gcloud iam service-accounts disable "$account" --project="$project"
fi

# Remove the network that comes with the Compute Engine API: its firewall lets SSH and RDP in from everywhere. Nothing
# here has a network.
network="$(gcloud compute networks list --filter="name=default" --project="$project" --format="value(name)")"
if [[ -n "$network" ]]; then
    rules="$(gcloud compute firewall-rules list --filter="network~/default$" --project="$project" --format="value(name)")"
    step "removing the default network"
    if [[ -n "$rules" ]]; then
        echo "$rules" | xargs gcloud compute firewall-rules delete --quiet --project="$project"
    fi
    gcloud compute networks delete "$network" --quiet --project="$project"
fi

# Switch Identity Platform on; Terraform imports its configuration (auth.tf), which is not found before.
identity_platform() {
    curl --silent --show-error --output /dev/null --write-out "%{http_code}" --header "x-goog-user-project: $project" \
        --header "Authorization: Bearer $token" "$@"
}
token="$(gcloud auth print-access-token)"
config="https://identitytoolkit.googleapis.com/admin/v2/projects/$project/config"
answer="$(identity_platform "$config")"
if [[ "$answer" != 200 ]]; then
    step "switching Identity Platform on"
    identity_platform --data "" \
        "https://identitytoolkit.googleapis.com/v2/projects/$project/identityPlatform:initializeAuth" >/dev/null
    answer="$(identity_platform "$config")"
fi
if [[ "$answer" != 200 ]]; then
    echo "Identity Platform answered $answer: is billing on, and may you change its configuration? Then repeat this." >&2
    exit 1
fi

echo "The state goes to $bucket: terraform init -backend-config=bucket=${bucket#gs://}"
