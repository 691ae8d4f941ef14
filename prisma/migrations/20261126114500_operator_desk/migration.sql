-- An operator's key belongs to a merchant, and is shown that merchant's part of the trail alone.
-- Nothing wrote to the trail before this column was there.
ALTER TABLE audit_entries ADD COLUMN merchant_id TEXT NOT NULL REFERENCES merchants (id);

CREATE INDEX audit_entries_merchant_id_id_idx ON audit_entries (merchant_id, id DESC);

-- The provider's own id of the request that answered, to name in a question to its support.
ALTER TABLE provider_requests ADD COLUMN answer_request_id TEXT;
