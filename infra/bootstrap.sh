#!/usr/bin/env bash
# Creates Terraform's prerequisites: the APIs that it calls first, and the bucket of its state.
#
# infra/bootstrap.sh PROJECT REGION    (idempotent; docs/deploy.md has the steps before and after)
set -euo pipefail

project="${1:?usage: infra/bootstrap.sh PROJECT REGION}"
region="${2:?usage: infra/bootstrap.sh PROJECT REGION}"
bucket="gs://$project-terraform"

# Terraform enables the other APIs. It needs these to read its identity, the project and the enabled APIs; and enabling
# the Compute Engine API creates the default account that is disabled below.
gcloud services enable --project="$project" \
    cloudresourcemanager.googleapis.com compute.googleapis.com iam.googleapis.com \
    serviceusage.googleapis.com storage.googleapis.com

# The state describes all resources. Keep versions, to restore an earlier state if the newest is broken.
if ! gcloud storage buckets describe "$bucket" --project="$project" >/dev/null 2>&1; then
    gcloud storage buckets create "$bucket" --project="$project" --location="$region" \
        --uniform-bucket-level-access --public-access-prevention
fi
gcloud storage buckets update "$bucket" --versioning

# Disable the Compute Engine default account. Nothing here runs as it, and some organisations make it an editor of the
# project, which anybody who may start builds or services could use.
number="$(gcloud projects describe "$project" --format="value(projectNumber)")"
default="$number-compute@developer.gserviceaccount.com"
if gcloud iam service-accounts describe "$default" --project="$project" >/dev/null 2>&1; then
    gcloud iam service-accounts disable "$default" --project="$project"
fi

echo "The state goes to $bucket: terraform init -backend-config=bucket=${bucket#gs://}"
