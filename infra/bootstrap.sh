#!/usr/bin/env bash
# What has to be there before Terraform can be: the APIs that it calls first, and the bucket of its state.
#
# infra/bootstrap.sh PROJECT REGION    (what exists is left as it is; docs/deploy.md says what comes before and after)
set -euo pipefail

project="${1:?usage: infra/bootstrap.sh PROJECT REGION}"
region="${2:?usage: infra/bootstrap.sh PROJECT REGION}"
bucket="gs://$project-terraform"

# Terraform enables the others. These it needs to ask who it is, what the project is, and which APIs are enabled; and
# creating a project's Compute Engine API makes the default account that is looked for below.
gcloud services enable --project="$project" \
    cloudresourcemanager.googleapis.com compute.googleapis.com iam.googleapis.com \
    serviceusage.googleapis.com storage.googleapis.com

# The state says how everything is set up. Versions are kept: an earlier state is the way back from a broken one.
if ! gcloud storage buckets describe "$bucket" --project="$project" >/dev/null 2>&1; then
    gcloud storage buckets create "$bucket" --project="$project" --location="$region" \
        --uniform-bucket-level-access --public-access-prevention
fi
gcloud storage buckets update "$bucket" --versioning

# Nothing here runs as the Compute Engine default account, which some organisations make an editor of the project.
# Disabled it is of no use to anybody who may start builds or services.
number="$(gcloud projects describe "$project" --format="value(projectNumber)")"
default="$number-compute@developer.gserviceaccount.com"
if gcloud iam service-accounts describe "$default" --project="$project" >/dev/null 2>&1; then
    gcloud iam service-accounts disable "$default" --project="$project"
fi

echo "The state goes to $bucket: terraform init -backend-config=bucket=${bucket#gs://}"
