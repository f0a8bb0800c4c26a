#!/usr/bin/env bash
# Opens HTTP functions in an organisation that forbids grants to allUsers (domain-restricted sharing): switches off the check
# of the caller's identity at Cloud Run. Their ingress still admits the load balancer only, and their code verifies tokens.
# The provider has no argument for it in a function.
#
# infra/open-functions.sh PROJECT REGION FUNCTION…    (idempotent; after each apply with `public_invoker = "unchecked"`;
# the output `functions_to_open` has the arguments)
set -euo pipefail

project="${1:?usage: infra/open-functions.sh PROJECT REGION FUNCTION...}"
region="${2:?usage: infra/open-functions.sh PROJECT REGION FUNCTION...}"
shift 2

for function in "$@"; do
    gcloud run services update "$function" --no-invoker-iam-check --region="$region" --project="$project"
done
echo "$# functions are open to the load balancer."
