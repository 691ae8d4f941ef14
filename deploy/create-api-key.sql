-- Makes a merchant and an API key with every scope, and prints the key; the database keeps only
-- its SHA-256. The key is made inside the server, so it stands in no statement that is logged.
-- The merchant is named by the setting paysaga.merchant_id.
WITH settings AS (
  SELECT
    coalesce(nullif(current_setting('paysaga.merchant_id', true), ''), 'mer_default') AS merchant_id,
    -- Two random UUIDs carry 244 random bits.
    'psk_' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '') AS secret
), merchant AS (
  INSERT INTO merchants (id, name)
  SELECT merchant_id, merchant_id FROM settings
  ON CONFLICT DO NOTHING
), api_key AS (
  INSERT INTO api_keys (id, merchant_id, key_sha256, last_four, scopes)
  SELECT
    'key_' || left(encode(sha256(convert_to(secret, 'UTF8')), 'hex'), 16),
    merchant_id,
    encode(sha256(convert_to(secret, 'UTF8')), 'hex'),
    right(secret, 4),
    ARRAY['read', 'write', 'refund', 'operate']
  FROM settings
)
SELECT secret FROM settings;
