#!/bin/sh
# Sees that a stack started with the sandbox works: takes one payment, and with --logs asks Loki
# for lines of both workers. Ends with 0 if it does.
set -eu
cd "$(dirname "$0")/.."

API_URL=${API_URL:-http://127.0.0.1:8000}

pay() {
  key=$(docker compose exec -T api node dist/operate/keys.js create --scopes read,write \
    --merchant mer_smoke --create-merchant Smoke --expires-in 1h)
  answer=$(curl -sS --max-time 60 "$API_URL/v1/payments" -H "Authorization: Bearer $key" \
    -H 'Content-Type: application/json' -H "Idempotency-Key: smoke-$(date +%s)" \
    -H 'Prefer: wait=20' \
    -d '{"amount": 1250, "currency": "EUR", "payment_method": "pm_card_visa"}')
  case $answer in
    *'"status":"succeeded"'*) echo "$answer" ;;
    *)
      echo "the payment did not succeed: $answer" >&2
      return 1
      ;;
  esac
}

# Loki is not published: Grafana's container is in its network and has wget.
logs() {
  for service in outbox-worker command-worker; do
    attempt=1
    until docker compose exec -T grafana wget -qO- \
      "http://loki:3100/loki/api/v1/query_range?query=%7Bservice%3D%22$service%22%7D" |
      grep -q '"values"'; do
      if [ "$attempt" -ge 30 ]; then
        echo "no line of $service is in Loki" >&2
        return 1
      fi
      attempt=$((attempt + 1))
      sleep 2
    done
    echo "Loki has lines of $service"
  done
}

case "${1:-}" in
  --logs) logs ;;
  '') pay ;;
  *)
    echo "unknown option $1; usage: sh deploy/smoke.sh [--logs]" >&2
    exit 2
    ;;
esac
