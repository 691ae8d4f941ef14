import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import StripeSdk from 'stripe';

/** Idle connections are closed on our side first, so that reusing one rarely meets a reset. */
const IDLE_MS = 30_000;

/** What the library retries once by itself, whatever `maxNetworkRetries` says. */
const CLOSED_CODES = new Set(['ECONNRESET', 'EPIPE']);

function withoutClosedCode(error: unknown): unknown {
  // Not by instanceof: node's own errors come from another realm under a test runner.
  const code: unknown = Reflect.get(Object(error), 'code');
  const closed = typeof code === 'string' && CLOSED_CODES.has(code);
  return closed ? new Error('The connection was closed', { cause: error }) : error;
}

/**
 * The library's node client on kept-alive connections, but with one attempt per call: it would
 * repeat a call whose connection was cut at once, unseen by the caller's retry budget and by
 * every count of attempts.
 */
export function oneAttemptClient(protocol: 'http' | 'https') {
  const options = { keepAlive: true, timeout: IDLE_MS };
  const agent = protocol === 'http' ? new HttpAgent(options) : new HttpsAgent(options);
  const client = StripeSdk.createNodeHttpClient(agent);
  const send = client.makeRequest.bind(client);
  client.makeRequest = async (...request) => {
    try {
      return await send(...request);
    } catch (error) {
      throw withoutClosedCode(error);
    }
  };
  return client;
}
