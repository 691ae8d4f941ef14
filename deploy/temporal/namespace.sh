#!/bin/sh
# Creates the namespace and the search attributes that payments are found by; repeating it changes
# nothing. Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_RETENTION.
set -eu

# The port answers before the server is ready, and a new namespace takes the server up to ten
# seconds to know everywhere.
retry() {
  attempt=1
  until "$@"; do
    if [ "$attempt" -ge 30 ]; then
      echo "given up after $attempt attempts: $*" >&2
      return 1
    fi
    attempt=$((attempt + 1))
    sleep 2
  done
}

namespace() {
  temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" \
      --retention "$TEMPORAL_RETENTION"
}

attribute() {
  temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
    --name "$1" --type "$2"
}

retry temporal operator cluster health
retry namespace
retry attribute PaymentStatus Keyword
retry attribute MerchantId Keyword
retry attribute AmountMinor Int
