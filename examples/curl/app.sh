#!/bin/sh
# Call Plivo's API with curl, at the address that its documentation has.
set -eu

account="https://api.plivo.com/v1/Account/$PLIVO_AUTH_ID"
auth="$PLIVO_AUTH_ID:$PLIVO_AUTH_TOKEN"

curl -sSf -u "$auth" -H 'Content-Type: application/json' \
  -d '{"src": "14155550100", "dst": "14155550123", "text": "Hello from curl"}' \
  "$account/Message/"
echo
curl -sSf -u "$auth" "$account/Message/?limit=1"
echo

status=$(curl -s -o /dev/null -w '%{http_code}' -u "$PLIVO_AUTH_ID:wrong" "$account/")
[ "$status" = 401 ] || { echo "a wrong token was answered with $status" >&2; exit 1; }
echo "refused: $status"
