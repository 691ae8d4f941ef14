#!/bin/sh
# Writes .env for docker-compose.yml, with a random password for each server. With --sandbox the
# stack takes payments from the local stand-in for Stripe; without, add your Stripe settings.
set -eu
cd "$(dirname "$0")/.."
umask 077
# An existing file is never replaced: its passwords are those of the data volumes.
set -C

random() {
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

stripe() {
  case "${1:-}" in
    --sandbox)
      echo 'COMPOSE_PROFILES=sandbox'
      echo 'STRIPE_API_URL=http://stripe-sandbox:12111'
      echo 'STRIPE_API_KEY=sk_test_sandbox'
      echo "STRIPE_WEBHOOK_SECRET=whsec_$(random)"
      ;;
    '')
      echo 'STRIPE_API_KEY='
      echo 'STRIPE_WEBHOOK_SECRET='
      ;;
    *)
      echo "unknown option $1; usage: sh deploy/make-env.sh [--sandbox]" >&2
      exit 2
      ;;
  esac
}

settings=$(stripe "$@")
{
  echo "POSTGRES_PASSWORD=$(random)"
  echo "PAYSAGA_DB_PASSWORD=$(random)"
  echo "TEMPORAL_DB_PASSWORD=$(random)"
  echo "RABBITMQ_PASSWORD=$(random)"
  echo "REDIS_PASSWORD=$(random)"
  echo "GRAFANA_PASSWORD=$(random)"
  echo "$settings"
} >.env
echo 'wrote .env' >&2
