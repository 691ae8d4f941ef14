// @ts-check
'use strict';
// The health check of our containers: node is-ready.cjs URL ends with 0 if the URL answers 200.
// The slim image has neither curl nor wget.
const TIMEOUT_MS = 4_000;

fetch(process.argv[2] ?? '', { signal: AbortSignal.timeout(TIMEOUT_MS) }).then(
  (response) => process.exit(response.ok ? 0 : 1),
  () => process.exit(1),
);
