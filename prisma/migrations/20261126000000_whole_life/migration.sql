-- A payment that the customer's browser confirms names no payment method of its own.
ALTER TABLE payments
  ALTER COLUMN payment_method DROP NOT NULL,
  ADD COLUMN held_minor BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN booked_version INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN customer TEXT,
  ADD COLUMN off_session BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN setup_future_usage TEXT,
  ADD COLUMN return_url TEXT,
  ADD COLUMN confirmation TEXT NOT NULL DEFAULT 'server',
  ADD COLUMN hold_policy TEXT NOT NULL DEFAULT 'void',
  ADD COLUMN once_per_reference BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN live_reference TEXT,
  ADD COLUMN action_type TEXT,
  ADD COLUMN capture_before TIMESTAMPTZ(3),
  ADD CHECK (setup_future_usage IN ('on_session', 'off_session')),
  ADD CHECK (confirmation IN ('server', 'client')),
  ADD CHECK (hold_policy IN ('capture', 'void', 'alert')),
  ADD CHECK (confirmation = 'client' OR payment_method IS NOT NULL),
  ADD CHECK (held_minor BETWEEN 0 AND amount_minor);

-- One live payment for a reference. The column is emptied when the payment fails or is canceled and
-- never filled again, so that money which arrives late can still park a payment whose reference has
-- been paid by another one since.
CREATE UNIQUE INDEX payments_live_reference_key ON payments (merchant_id, live_reference);

-- The second of two requests whose first is lost finds what the first was about.
ALTER TABLE idempotency_keys ADD COLUMN subject_id TEXT;

-- For the sweeper: whatever has not come to its end, longest untouched first.
CREATE INDEX payments_open_idx ON payments (updated_at)
  WHERE status IN ('pending', 'processing', 'requires_action', 'authorized');

-- What a merchant, or the hold policy, asks of a living payment. At most one is open.
CREATE TABLE payment_requests (
  id TEXT PRIMARY KEY,
  payment_id TEXT NOT NULL REFERENCES payments (id),
  kind TEXT NOT NULL CHECK (kind IN ('capture', 'cancel')),
  amount_minor BIGINT CHECK (amount_minor > 0),
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'refused')),
  refusal TEXT,
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  closed_at TIMESTAMPTZ(3),
  CHECK ((kind = 'capture') = (amount_minor IS NOT NULL)),
  CHECK ((state = 'open') = (closed_at IS NULL))
);

CREATE UNIQUE INDEX payment_requests_one_open_key ON payment_requests (payment_id)
  WHERE state = 'open';
CREATE INDEX payment_requests_payment_id_idx ON payment_requests (payment_id);

ALTER TABLE refunds
  DROP CONSTRAINT refunds_reason_check,
  ADD CONSTRAINT refunds_reason_check
    CHECK (reason IN ('compensation', 'requested_by_merchant', 'made_at_provider')),
  ADD COLUMN provider_reason TEXT,
  ADD COLUMN metadata JSONB NOT NULL DEFAULT '{}',
  ADD COLUMN succeeded_at TIMESTAMPTZ(3);

CREATE INDEX refunds_pending_idx ON refunds (updated_at) WHERE status = 'pending';

-- What happened to a payment beside its status: refunds, disputes, a hold that runs out. A fact
-- takes the payment's next version, so that consumers who count find no gap.
CREATE TABLE payment_facts (
  payment_id TEXT NOT NULL REFERENCES payments (id),
  version INTEGER NOT NULL,
  event_id UUID NOT NULL UNIQUE,
  event_type TEXT NOT NULL,
  event_data JSONB NOT NULL,
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  published_at TIMESTAMPTZ(3),
  PRIMARY KEY (payment_id, version)
);

CREATE OR REPLACE FUNCTION refuse_transition_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE'
    AND (to_jsonb(NEW) - 'published_at') = (to_jsonb(OLD) - 'published_at') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END;
$$;

CREATE TRIGGER payment_facts_append_only
  BEFORE UPDATE OR DELETE ON payment_facts
  FOR EACH ROW EXECUTE FUNCTION refuse_transition_rewrite();

CREATE TABLE disputes (
  id TEXT PRIMARY KEY,
  payment_id TEXT NOT NULL REFERENCES payments (id),
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  currency TEXT NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  status TEXT NOT NULL,
  reason TEXT NOT NULL,
  opened_at TIMESTAMPTZ(3) NOT NULL,
  closed_at TIMESTAMPTZ(3),
  updated_at TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);

CREATE INDEX disputes_payment_id_idx ON disputes (payment_id);

-- Who did by hand what the service would not do by itself.
CREATE TABLE audit_entries (
  id UUID PRIMARY KEY,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  payment_id TEXT REFERENCES payments (id),
  details JSONB NOT NULL DEFAULT '{}',
  outcome TEXT NOT NULL,
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);

CREATE INDEX audit_entries_payment_id_idx ON audit_entries (payment_id);
CREATE INDEX audit_entries_created_at_idx ON audit_entries (created_at);

CREATE TRIGGER audit_entries_append_only
  BEFORE UPDATE OR DELETE ON audit_entries
  FOR EACH ROW EXECUTE FUNCTION refuse_transition_rewrite();

ALTER TABLE stripe_events ADD COLUMN outcome TEXT;

-- How far a list of the provider's has been read, so that what was missed is found by reading on.
CREATE TABLE provider_cursors (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);

-- The books, in double entry. Amounts are signed: what an account gains is positive.
CREATE TABLE ledger_entries (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id TEXT NOT NULL REFERENCES payments (id),
  version INTEGER NOT NULL,
  account TEXT NOT NULL CHECK (account IN
    ('held_by_issuer', 'hold_owed', 'provider_balance', 'merchant_payable')),
  amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
  currency TEXT NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now()
);

CREATE INDEX ledger_entries_payment_id_idx ON ledger_entries (payment_id);

CREATE TRIGGER ledger_entries_append_only
  BEFORE UPDATE OR DELETE ON ledger_entries
  FOR EACH ROW EXECUTE FUNCTION refuse_transition_rewrite();

-- Payments captured before there were books open theirs with what is theirs now.
INSERT INTO ledger_entries (payment_id, version, account, amount_minor, currency)
SELECT id, version, side.account, side.sign * (captured_minor - refunded_minor), currency
  FROM payments, (VALUES ('provider_balance', 1), ('merchant_payable', -1)) AS side(account, sign)
 WHERE captured_minor > refunded_minor;

-- Held at the commit, when all that belongs together is written: entries sum to zero in the
-- payment's one currency, and say the same as the figures beside its status.
CREATE FUNCTION assert_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  books RECORD;
BEGIN
  SELECT p.held_minor, p.captured_minor - p.refunded_minor AS net_minor,
    coalesce(sum(e.amount_minor), 0) AS total,
    coalesce(sum(e.amount_minor) FILTER (WHERE e.account = 'held_by_issuer'), 0) AS held,
    coalesce(sum(e.amount_minor) FILTER (WHERE e.account = 'hold_owed'), 0) AS hold_owed,
    coalesce(sum(e.amount_minor) FILTER (WHERE e.account = 'provider_balance'), 0) AS balance,
    coalesce(bool_and(e.currency = p.currency), true) AS one_currency
    INTO books
    FROM payments p LEFT JOIN ledger_entries e ON e.payment_id = p.id
   WHERE p.id = NEW.payment_id GROUP BY p.id;
  IF books.total <> 0 OR books.held + books.hold_owed <> 0 OR NOT books.one_currency
    OR books.held <> books.held_minor OR books.balance <> books.net_minor THEN
    RAISE EXCEPTION 'the books of payment % do not balance', NEW.payment_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END;
$$;

CREATE CONSTRAINT TRIGGER ledger_entries_balance
  AFTER INSERT ON ledger_entries DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION assert_entries();

-- Whoever changes figures and sets booked_version to the row's new version has written the entries
-- himself, and is held to it. A version of the service from before the books knows nothing of them:
-- its entries are written for it, so that it can run beside this one while either is deployed.
CREATE FUNCTION assert_booked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  held BIGINT;
  balance BIGINT;
BEGIN
  SELECT NEW.held_minor
      - coalesce(sum(e.amount_minor) FILTER (WHERE e.account = 'held_by_issuer'), 0),
    NEW.captured_minor - NEW.refunded_minor
      - coalesce(sum(e.amount_minor) FILTER (WHERE e.account = 'provider_balance'), 0)
    INTO held, balance FROM ledger_entries e WHERE e.payment_id = NEW.id;
  IF held = 0 AND balance = 0 THEN
    RETURN NULL;
  END IF;
  IF NEW.booked_version = NEW.version THEN
    RAISE EXCEPTION 'the books of payment % do not balance', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  INSERT INTO ledger_entries (payment_id, version, account, amount_minor, currency)
  SELECT NEW.id, NEW.version, side.account, side.amount, NEW.currency
    FROM (VALUES ('held_by_issuer', held), ('hold_owed', -held),
      ('provider_balance', balance), ('merchant_payable', -balance)) AS side(account, amount)
   WHERE side.amount <> 0;
  RETURN NULL;
END;
$$;

CREATE CONSTRAINT TRIGGER payments_booked
  AFTER UPDATE OF held_minor, captured_minor, refunded_minor ON payments
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.held_minor <> OLD.held_minor
    OR NEW.captured_minor <> OLD.captured_minor OR NEW.refunded_minor <> OLD.refunded_minor)
  EXECUTE FUNCTION assert_booked();
