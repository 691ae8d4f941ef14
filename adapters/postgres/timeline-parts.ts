import { Prisma } from '../../generated/prisma/client';

/** RFC 3339 in UTC, as every other time of the API. */
function rfc3339(column: string): Prisma.Sql {
  return Prisma.raw(`to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
}

/**
 * What took the payment to a version: `place` puts what happened at the same moment into the order
 * of cause and effect. An outbox row goes when its retention ends; what it told stays here.
 */
export const changes = Prisma.sql`
  SELECT t.created_at AS at, 1 AS place, t.version::bigint AS number, 'status' AS kind,
    jsonb_build_object('version', t.version, 'from', t.from_status, 'to', t.to_status,
      'event', t.event_type, 'event_id', t.event_id,
      'published_at', ${rfc3339('coalesce(o.published_at, t.published_at)')},
      'failure_code', t.event_data -> 'failure' ->> 'code') AS details
  FROM p JOIN payment_transitions t ON t.payment_id = p.id
    LEFT JOIN outbox_events o ON o.id = t.event_id
  UNION ALL
  SELECT f.created_at, 1, f.version, 'fact',
    jsonb_build_object('version', f.version, 'event', f.event_type, 'event_id', f.event_id,
      'published_at', ${rfc3339('coalesce(o.published_at, f.published_at)')})
      || jsonb_strip_nulls(jsonb_build_object('refund', f.event_data -> 'refund',
        'dispute', f.event_data -> 'dispute', 'hold', f.event_data -> 'hold'))
  FROM p JOIN payment_facts f ON f.payment_id = p.id
    LEFT JOIN outbox_events o ON o.id = f.event_id
  UNION ALL
  -- The lines of a change belong to its moment, whatever clock wrote them.
  SELECT coalesce(min(v.created_at), min(l.created_at)), 2, l.version, 'ledger',
    jsonb_build_object('version', l.version, 'postings', jsonb_agg(
      jsonb_build_object('account', l.account, 'amount', l.amount_minor) ORDER BY l.id))
  FROM p JOIN ledger_entries l ON l.payment_id = p.id
    LEFT JOIN versions v ON v.version = l.version
  GROUP BY l.version`;

/** What was asked of others: commands, the provider, and the undo. */
export const sent = Prisma.sql`
  SELECT o.created_at, 3, o.seq, 'command',
    jsonb_build_object('type', o.type, 'message_id', o.id, 'attempts', o.attempts,
      'published_at', ${rfc3339('o.published_at')}, 'dead_at', ${rfc3339('o.dead_at')})
  FROM p JOIN outbox_events o ON o.aggregate_id = p.id AND o.aggregate_version IS NULL
  UNION ALL
  SELECT r.first_used_at, 4, r.attempt_number, 'provider_request',
    jsonb_build_object('operation', r.operation, 'attempt', r.attempt_number,
      'idempotency_key', r.idempotency_key, 'provider_request_id', r.answer_request_id)
  FROM p JOIN provider_requests r ON r.payment_id = p.id
  UNION ALL
  SELECT p.undo_started_at, 3, 0, 'undo', jsonb_build_object('intent', p.provider_intent_id)
  FROM p WHERE p.undo_started_at IS NOT NULL`;

/** What others asked of the payment, and what came in beside its status. */
export const beside = Prisma.sql`
  SELECT q.created_at, 0, 0, 'request',
    jsonb_build_object('id', q.id, 'kind', q.kind, 'amount', q.amount_minor)
  FROM p JOIN payment_requests q ON q.payment_id = p.id
  UNION ALL
  SELECT q.closed_at, 5, 0, 'request_answered',
    jsonb_build_object('id', q.id, 'kind', q.kind, 'state', q.state, 'refusal', q.refusal)
  FROM p JOIN payment_requests q ON q.payment_id = p.id AND q.closed_at IS NOT NULL
  UNION ALL
  SELECT r.created_at, 0, 0, 'refund',
    jsonb_build_object('id', r.id, 'amount', r.amount_minor, 'reason', r.reason,
      'status', r.status, 'provider_refund', r.provider_refund_id,
      'failure_code', r.failure_code)
  FROM p JOIN refunds r ON r.payment_id = p.id
  UNION ALL
  SELECT d.opened_at, 0, 0, 'dispute',
    jsonb_build_object('id', d.id, 'amount', d.amount_minor, 'reason', d.reason,
      'status', d.status, 'closed_at', ${rfc3339('d.closed_at')})
  FROM p JOIN disputes d ON d.payment_id = p.id
  UNION ALL
  SELECT e.received_at, 0, 0, 'webhook',
    jsonb_build_object('id', e.id, 'type', e.type, 'occurred_at', ${rfc3339('e.occurred_at')},
      'processed_at', ${rfc3339('e.processed_at')}, 'outcome', e.outcome)
  FROM p JOIN stripe_events e
    ON e.payment_id = p.id OR e.provider_intent_id = p.provider_intent_id
  UNION ALL
  SELECT a.created_at, 0, 0, 'operator_action',
    jsonb_build_object('actor', a.actor, 'action', a.action, 'outcome', a.outcome,
      'details', a.details)
  FROM p JOIN audit_entries a ON a.payment_id = p.id`;
