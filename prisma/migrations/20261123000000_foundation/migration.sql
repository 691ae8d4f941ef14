CREATE TABLE merchants (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);

-- A key is kept as its SHA-256; the clear text is shown once, when it is made.
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  key_sha256 TEXT NOT NULL UNIQUE,
  last_four TEXT NOT NULL,
  scopes TEXT[] NOT NULL,
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  expires_at TIMESTAMPTZ(3),
  revoked_at TIMESTAMPTZ(3)
);

CREATE TABLE payments (
  id TEXT PRIMARY KEY,
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  status TEXT NOT NULL CHECK (status IN (
    'pending', 'processing', 'requires_action', 'authorized',
    'succeeded', 'failed', 'canceled', 'needs_review'
  )),
  version INTEGER NOT NULL CHECK (version > 0),
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  currency TEXT NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  captured_minor BIGINT NOT NULL DEFAULT 0,
  refunded_minor BIGINT NOT NULL DEFAULT 0,
  payment_method TEXT NOT NULL,
  capture_method TEXT NOT NULL DEFAULT 'automatic' CHECK (capture_method IN ('automatic', 'manual')),
  reference TEXT,
  description TEXT,
  metadata JSONB NOT NULL DEFAULT '{}',
  flags JSONB NOT NULL,
  provider_intent_id TEXT UNIQUE,
  provider_charge_id TEXT,
  undo_started_at TIMESTAMPTZ(3),
  failure_code TEXT,
  decline_code TEXT,
  failure_message TEXT,
  traceparent TEXT,
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  CHECK (captured_minor BETWEEN 0 AND amount_minor),
  CHECK (refunded_minor BETWEEN 0 AND captured_minor)
);

CREATE INDEX payments_merchant_id_id_idx ON payments (merchant_id, id DESC);
CREATE INDEX payments_unsettled_idx ON payments (updated_at)
  WHERE status IN ('pending', 'processing');

-- The history of a payment: one row for each status change, never rewritten.
CREATE TABLE payment_transitions (
  payment_id TEXT NOT NULL REFERENCES payments (id),
  version INTEGER NOT NULL,
  from_status TEXT,
  to_status TEXT NOT NULL,
  event_id UUID NOT NULL UNIQUE,
  event_type TEXT NOT NULL,
  event_data JSONB NOT NULL,
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  published_at TIMESTAMPTZ(3),
  PRIMARY KEY (payment_id, version)
);

CREATE FUNCTION refuse_transition_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE'
    AND (to_jsonb(NEW) - 'published_at') = (to_jsonb(OLD) - 'published_at') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'payment_transitions is append-only'
    USING ERRCODE = 'integrity_constraint_violation';
END;
$$;

CREATE TRIGGER payment_transitions_append_only
  BEFORE UPDATE OR DELETE ON payment_transitions
  FOR EACH ROW EXECUTE FUNCTION refuse_transition_rewrite();

-- What was sent to the provider under which idempotency key, stored before the first call,
-- so that a retry after a deploy sends the same parameters again.
CREATE TABLE provider_requests (
  payment_id TEXT NOT NULL REFERENCES payments (id),
  operation TEXT NOT NULL,
  attempt_number INTEGER NOT NULL,
  idempotency_key TEXT NOT NULL UNIQUE,
  params JSONB NOT NULL,
  first_used_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (payment_id, operation, attempt_number)
);

CREATE TABLE refunds (
  id TEXT PRIMARY KEY,
  payment_id TEXT NOT NULL REFERENCES payments (id),
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  currency TEXT NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  status TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed', 'canceled')),
  reason TEXT NOT NULL CHECK (reason IN ('compensation', 'requested_by_merchant')),
  provider_refund_id TEXT UNIQUE,
  failure_code TEXT,
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);

CREATE INDEX refunds_payment_id_idx ON refunds (payment_id);

CREATE TABLE outbox_events (
  id UUID PRIMARY KEY,
  seq BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE,
  aggregate_id TEXT NOT NULL,
  aggregate_version INTEGER,
  type TEXT NOT NULL,
  exchange TEXT NOT NULL,
  routing_key TEXT NOT NULL,
  payload JSONB NOT NULL,
  headers JSONB NOT NULL DEFAULT '{}',
  shard SMALLINT NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  next_attempt_at TIMESTAMPTZ(3),
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  published_at TIMESTAMPTZ(3),
  dead_at TIMESTAMPTZ(3)
);

-- Commands have no version, so a consumer that counts versions sees no gaps.
CREATE UNIQUE INDEX outbox_events_aggregate_version_key
  ON outbox_events (aggregate_id, aggregate_version);
CREATE INDEX outbox_events_due_idx ON outbox_events (shard, seq)
  WHERE published_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_events_blocking_idx ON outbox_events (aggregate_id, seq)
  WHERE published_at IS NULL AND attempts > 0;

-- `UPDATE outbox_events SET attempts = 0 WHERE id = '...'` alone must make a dead row due again.
CREATE FUNCTION revive_outbox_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.dead_at := NULL;
  NEW.next_attempt_at := NULL;
  RETURN NEW;
END;
$$;

CREATE TRIGGER outbox_events_revive
  BEFORE UPDATE OF attempts ON outbox_events
  FOR EACH ROW WHEN (NEW.attempts = 0 AND OLD.attempts > 0)
  EXECUTE FUNCTION revive_outbox_event();

-- Who relays a shard: a lease on the database's clock, fenced by its epoch.
CREATE TABLE relay_leases (
  shard SMALLINT PRIMARY KEY,
  owner TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  expires_at TIMESTAMPTZ(3) NOT NULL
);

CREATE TABLE idempotency_keys (
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  key TEXT NOT NULL,
  body_sha256 TEXT NOT NULL,
  status_code INTEGER NOT NULL,
  response_headers JSONB NOT NULL DEFAULT '{}',
  response_body TEXT NOT NULL,
  payment_id TEXT REFERENCES payments (id) DEFERRABLE INITIALLY DEFERRED,
  locked_until TIMESTAMPTZ(3),
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (merchant_id, method, path, key)
);

CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

CREATE TABLE inbox (
  consumer TEXT NOT NULL,
  message_id TEXT NOT NULL,
  received_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, message_id)
);

-- No payload: webhook bodies carry client secrets, and the object is read again when it is applied.
CREATE TABLE stripe_events (
  id TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  object_id TEXT NOT NULL,
  object_type TEXT NOT NULL,
  provider_intent_id TEXT,
  payment_id TEXT,
  occurred_at TIMESTAMPTZ(3) NOT NULL,
  received_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  processed_at TIMESTAMPTZ(3)
);

CREATE INDEX stripe_events_unprocessed_idx ON stripe_events (received_at)
  WHERE processed_at IS NULL;
