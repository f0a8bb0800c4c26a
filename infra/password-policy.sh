#!/usr/bin/env bash
# Sets the password policy of Identity Platform: at least 12 characters. The Terraform provider has no argument for it.
#
# infra/password-policy.sh PROJECT    (idempotent; after `terraform apply`, which enables Identity Platform)
#
# The policy holds for every password that a person chooses from then on. Length alone is required: rules on kinds of
# characters make passwords weaker (NIST SP 800-63B, 3.1.1.2). Identity Platform allows at most 30 as the minimum.
set -euo pipefail

project="${1:?usage: infra/password-policy.sh PROJECT}"
config="https://identitytoolkit.googleapis.com/admin/v2/projects/$project/config"

curl --fail-with-body --silent --show-error --request PATCH "$config?updateMask=passwordPolicyConfig" \
    -H "Authorization: Bearer $(gcloud auth print-access-token)" \
    -H "x-goog-user-project: $project" \
    -H "Content-Type: application/json" \
    -d '{"passwordPolicyConfig": {"passwordPolicyEnforcementState": "ENFORCE", "forceUpgradeOnSignin": false,
         "passwordPolicyVersions": [{"customStrengthOptions": {"minPasswordLength": 12}}]}}'
