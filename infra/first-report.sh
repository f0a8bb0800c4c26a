#!/usr/bin/env bash
# Plays a first visit through a deployment with an app's own calls: profile, patient, consent, session, recording, report,
# signature. It ends with the signed report in report.pdf and signed.json. Each run is a visit of another patient, so use a
# clinic that is not open yet.
#
#   API    address of the API: the output api_url
#   KEY    key of the project for Google's sign-in: the output web_api_key
#   PAGE   a page of cors_origins, from which alone the key works
#   EMAIL  the doctor's address, and PASSWORD the doctor's password
#   LINK   the link of the mail, if the password is still to be set
set -euo pipefail

: "${API:?}" "${KEY:?}" "${PAGE:?}" "${EMAIL:?}" "${PASSWORD:?}"
identity_url="${IDENTITY:-https://identitytoolkit.googleapis.com/v1}"
audio=local/samples/follow_up_visit.ogg # two synthesised voices, the doctor on the left channel
every="${POLL_SECONDS:-5}"
run="$(date -u +%Y%m%dT%H%M%SZ)"

field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
identity() { curl --fail-with-body --silent --show-error -H "Content-Type: application/json" -H "Referer: $PAGE" "$@"; }
api() { curl --fail-with-body --silent --show-error -H "Authorization: Bearer $TOKEN" "$@"; }
send() { api -H "Content-Type: application/json" "$@"; }
# An object of these pairs of names and texts.
object() { python3 -c 'import json, sys; print(json.dumps(dict(zip(sys.argv[1::2], sys.argv[2::2]))))' "$@"; }

# A token is valid for an hour, and counts as a fresh sign-in for 5 minutes.
sign_in() {
    TOKEN="$(identity "$identity_url/accounts:signInWithPassword?key=$KEY" \
        -d "$(object email "$EMAIL" password "$PASSWORD" | sed 's/}$/, "returnSecureToken": true}/')" | field idToken)"
}

if [[ -n "${LINK:-}" ]]; then
    code="$(sed -n 's/.*oobCode=\([^&]*\).*/\1/p' <<<"$LINK")"
    identity "$identity_url/accounts:resetPassword?key=$KEY" -d "$(object oobCode "$code" newPassword "$PASSWORD")" -o /dev/null
fi
sign_in

# The profile is the letterhead. As admin the doctor confirms that name and licence number are hers. A change of what exists
# sends its ETag.
etag="$(api -o /dev/null -w '%header{etag}' "$API/profile" 2>/dev/null || true)"
user="$(send -X PUT "$API/profile" ${etag:+-H "If-Match: $etag"} \
    -d '{"first_name": "Meera", "last_name": "Iyer", "licence_number": "KMC 45821"}' | field id)"
etag="$(api -o /dev/null -w '%header{etag}' "$API/users/$user/identity")"
send -X POST "$API/users/$user/confirm-identity" -H "If-Match: $etag" -o /dev/null \
    -d '{"full_name": "Meera Iyer", "licence_number": "KMC 45821"}'

patient="$(send -X POST "$API/patients" -H "Idempotency-Key: patient-$run" -d '{
    "allow_duplicate": true, "first_name": "Ananya", "last_name": "Rao", "date_of_birth": "1991-04-17", "primary_phone": "+919845012345"}' | field id)"
send -X POST "$API/patients/$patient/consents" -H "Idempotency-Key: consent-$run" -o /dev/null -d '{
    "purposes": ["recording", "ai_processing"], "language": "en-IN", "method": "verbal",
    "wording": {"version": "visit-1", "text": "We record this visit. A computer writes it down and drafts the report."}}'
session="$(send -X POST "$API/sessions" -H "Idempotency-Key: session-$run" -d "{
    \"patient_id\": \"$patient\", \"type\": \"followup\",
    \"recording_settings\": {\"channels\": [\"practitioner\", \"patient\"]}}" | field id)"

upload="$(send -X POST "$API/sessions/$session/recordings" -H "Idempotency-Key: recording-$run" \
    -d "{\"content_type\": \"audio/ogg\", \"size_bytes\": $(($(wc -c <"$audio")))}" | field upload_url)"
curl --fail-with-body --silent --show-error -X PUT "$upload" -o /dev/null \
    -H "Content-Type: audio/ogg" --data-binary "@$audio"

# Completing the session issues the bill, and a report can be signed only after it.
etag="$(api -o /dev/null -w '%header{etag}' "$API/sessions/$session")"
send -X POST "$API/sessions/$session/complete" -H "If-Match: $etag" -d '' | field status

# Transcription and report follow by themselves. An app follows the session's progress; a script asks.
report="$API/reports/$session-r1"
for _ in $(seq 120); do
    state="$(api "$report" 2>/dev/null | field status 2>/dev/null || echo "not begun")"
    case "$state" in completed | failed) break ;; esac
    sleep "$every"
done
if [[ "$state" != completed ]]; then
    echo "the report of session $session is $state" >&2
    exit 1
fi

# This recording leaves no doubt that must be resolved. Each change sends the ETag of the version that was read.
etag="$(api -o /dev/null -w '%header{etag}' "$report")"
etag="$(send -X POST "$report/review" -H "If-Match: $etag" -d '' -o /dev/null -w '%header{etag}')"
sign_in
send -X POST "$report/sign" -H "If-Match: $etag" -d '{}' | field status

# The PDF with its signature is made in the background: 409 for a few seconds.
for _ in $(seq 60); do
    if api -o report.pdf "$report/pdf" 2>/dev/null; then
        api -o signed.json "$report/signed"
        exit
    fi
    sleep "$every"
done
echo "the PDF of session $session was not made" >&2
exit 1
