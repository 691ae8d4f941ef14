-- One comparison of our records with the provider's. `phase` and `place` say how far it has come, so
-- that a run whose worker was killed goes on where it was.
CREATE TABLE reconciliation_runs (
  id TEXT PRIMARY KEY,
  origin TEXT NOT NULL CHECK (origin IN ('schedule', 'manual')),
  window_from TIMESTAMPTZ(3) NOT NULL,
  window_to TIMESTAMPTZ(3) NOT NULL,
  phase TEXT NOT NULL DEFAULT 'intents'
    CHECK (phase IN ('intents', 'refunds', 'payments', 'own_refunds', 'repairs', 'done')),
  place TEXT,
  pages INTEGER NOT NULL DEFAULT 0,
  intents INTEGER NOT NULL DEFAULT 0,
  refunds INTEGER NOT NULL DEFAULT 0,
  foreign_objects INTEGER NOT NULL DEFAULT 0,
  in_flight INTEGER NOT NULL DEFAULT 0,
  started_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  completed_at TIMESTAMPTZ(3),
  CHECK (window_from < window_to),
  CHECK ((phase = 'done') = (completed_at IS NOT NULL))
);

-- What the provider listed in a run that is under way; emptied when it ends.
CREATE TABLE reconciliation_seen (
  run_id TEXT NOT NULL REFERENCES reconciliation_runs (id),
  object_id TEXT NOT NULL,
  PRIMARY KEY (run_id, object_id)
);

-- The payment is no reference: the provider may name one that does not exist here.
CREATE TABLE reconciliation_drifts (
  id TEXT PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES reconciliation_runs (id),
  type TEXT NOT NULL CHECK (type IN ('missing_here', 'missing_there', 'amount', 'status',
    'refund_missing_here', 'refund_missing_there', 'refund_amount', 'refund_status')),
  subject TEXT NOT NULL,
  payment_id TEXT,
  evidence JSONB NOT NULL,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'repaired')),
  found_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  repaired_at TIMESTAMPTZ(3),
  UNIQUE (run_id, type, subject)
);

-- The window of a run is found by the time of creation, in which ids are ordered too: but not
-- strictly, and refunds are few.
CREATE INDEX payments_created_at_idx ON payments (created_at);
CREATE INDEX refunds_created_at_idx ON refunds (created_at);
