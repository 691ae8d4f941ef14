import { createHmac, timingSafeEqual } from 'node:crypto';
import { PAYMENT_ID_KEY, REFUND_ID_KEY } from './metadata';

/** All that the service keeps of an event. */
export interface StripeEvent {
  id: string;
  type: string;
  /** ISO 8601, when Stripe made the event. */
  createdAt: string;
  objectId: string | null;
  objectType: string;
  objectStatus: string | null;
  paymentIntentId: string | null;
  /** From our metadata: for an event that names no intent, or one not stored yet. */
  paymentId: string | null;
  refundId: string | null;
}

export type WebhookVerdict =
  | { ok: true; event: StripeEvent }
  | { ok: false; reason: 'missing_signature' | 'bad_signature' | 'stale' | 'malformed' };

export interface WebhookDelivery {
  /** The bytes as received: parsing and writing again changes them. */
  rawBody: Buffer;
  signatureHeader: string | undefined;
  /** The current signing secret, and during a rotation the one before. */
  secrets: readonly string[];
  toleranceSeconds: number;
  nowMs: number;
}

interface Signature {
  seconds: number;
  candidates: Buffer[];
}

/** Reads `t=...,v1=...`; several `v1` occur while a secret is being rolled at Stripe. */
function readSignature(header: string): Signature | null {
  const parts = header.split(',').map((part) => part.trim().split('='));
  const time = parts.find(([name]) => name === 't')?.[1] ?? '';
  const candidates = parts
    .filter(([name, value]) => name === 'v1' && /^[0-9a-f]{64}$/.test(value ?? ''))
    .map(([, value]) => Buffer.from(value ?? '', 'hex'));
  if (!/^\d{1,12}$/.test(time) || candidates.length === 0) return null;
  return { seconds: Number(time), candidates };
}

function isSigned(delivery: WebhookDelivery, { seconds, candidates }: Signature): boolean {
  return delivery.secrets.some((secret) => {
    const expected = createHmac('sha256', secret)
      .update(`${seconds}.`)
      .update(delivery.rawBody)
      .digest();
    return candidates.some((candidate) => timingSafeEqual(candidate, expected));
  });
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The intent of any object: itself, or the one it points to, by id or expanded. */
function intentIdOf(object: unknown): string | null {
  if (field(object, 'object') === 'payment_intent') return text(field(object, 'id'));
  const pointed = field(object, 'payment_intent');
  return text(pointed) ?? text(field(pointed, 'id'));
}

/** The last second of the year 9999: a later one has no ISO text that Postgres reads. */
const lastSecond = 253_402_300_799;

function isUnixTime(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= lastSecond;
}

function readEvent(body: Buffer): StripeEvent | null {
  try {
    return toStripeEvent(JSON.parse(body.toString('utf8')));
  } catch {
    return null;
  }
}

/** What is kept of an event object, whichever way it came; null when nobody could store it. */
export function toStripeEvent(parsed: unknown): StripeEvent | null {
  const object = field(field(parsed, 'data'), 'object');
  const id = text(field(parsed, 'id'));
  const type = text(field(parsed, 'type'));
  const objectType = text(field(object, 'object'));
  const created = field(parsed, 'created');
  if (id === null || type === null || objectType === null) return null;
  if (!isUnixTime(created)) return null;
  const metadata = field(object, 'metadata');
  const event = {
    id,
    type,
    createdAt: new Date(created * 1000).toISOString(),
    objectId: text(field(object, 'id')),
    objectType,
    objectStatus: text(field(object, 'status')),
    paymentIntentId: intentIdOf(object),
    paymentId: text(field(metadata, PAYMENT_ID_KEY)),
    refundId: text(field(metadata, REFUND_ID_KEY)),
  };
  return Object.values(event).every(isStorable) ? event : null;
}

// Stripe's own limit for ids (source: docs.stripe.com/upgrades).
const longestText = 255;

/** Postgres keeps no NUL, and a longer text is no id that Stripe makes. */
function isStorable(value: string | null): boolean {
  return value === null || (value.length <= longestText && !value.includes('\0'));
}

/**
 * Judges a webhook by Stripe's scheme (https://docs.stripe.com/webhooks/signature), but holds
 * the time against the clock in both directions: a signature from the future is as good a sign
 * of forgery or of a broken clock as an old one.
 */
export function verifyStripeWebhook(delivery: WebhookDelivery): WebhookVerdict {
  if (delivery.signatureHeader === undefined) return { ok: false, reason: 'missing_signature' };
  const signature = readSignature(delivery.signatureHeader);
  if (signature === null || !isSigned(delivery, signature)) {
    return { ok: false, reason: 'bad_signature' };
  }
  const ageSeconds = Math.abs(delivery.nowMs / 1000 - signature.seconds);
  if (ageSeconds > delivery.toleranceSeconds) return { ok: false, reason: 'stale' };
  const event = readEvent(delivery.rawBody);
  return event === null ? { ok: false, reason: 'malformed' } : { ok: true, event };
}
