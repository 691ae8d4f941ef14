import { AsyncLocalStorage } from 'node:async_hooks';
import { hostname } from 'node:os';
import { SpanKind, SpanStatusCode, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';
import { baggageUtils, parseTraceParent, setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Tracer } from '@opentelemetry/sdk-trace-base';
import type { Log } from '../../application/ports/log';
import type { OpenSpan, SpanAttributes, SpanPlan, Tracing } from '../../application/ports/tracing';

export interface TracingOptions {
  readonly config: {
    /** Base address of an OTLP/HTTP collector, `http://127.0.0.1:4318`; absent: no tracing. */
    readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
    /** `name=value` pairs parted by commas, for a collector that asks who sends. */
    readonly OTEL_EXPORTER_OTLP_HEADERS?: string | undefined;
  };
  readonly service: 'paysaga-api' | 'paysaga-outbox-worker' | 'paysaga-command-worker';
  readonly log: Log;
}

export interface ProcessTracing {
  /** Null where no collector is named: then no span is made anywhere. */
  readonly tracing: Tracing | null;
  /** Sends what is left, for `exportTimeoutMs` at most. Never rejects. */
  close(): Promise<void>;
}

/** A collector that is away holds up neither a payment nor, beyond this, the end of the process. */
const exportTimeoutMs = 3_000;

/**
 * Starts sending spans to a collector as OTLP over HTTP in JSON. Batches and sampling follow the
 * standard variables (`OTEL_BSP_*`, `OTEL_TRACES_SAMPLER`); a full queue drops spans and never waits.
 */
export function startTracing({ config, service, log }: TracingOptions): ProcessTracing {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers } = config;
  if (endpoint === undefined) return { tracing: null, close: () => Promise.resolve() };
  const onLoss = (error: unknown) => {
    log.warn({ reason: textOf(error) }, 'spans were not taken by the collector');
  };
  setGlobalErrorHandler(onLoss);
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: baggageUtils.parseKeyPairsIntoRecord(headers),
    timeoutMillis: exportTimeoutMs,
  });
  const provider = new BasicTracerProvider({
    resource: new Resource({
      'service.name': service,
      'service.instance.id': `${hostname()}:${process.pid}`,
    }),
    spanProcessors: [new BatchSpanProcessor(exporter, { exportTimeoutMillis: exportTimeoutMs })],
  });
  return {
    tracing: new AsyncTracing(provider.getTracer('paysaga')),
    close: () => withinDeadline(provider.shutdown(), onLoss),
  };
}

async function withinDeadline(
  work: Promise<void>,
  onLoss: (error: unknown) => void,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), exportTimeoutMs);
  });
  await Promise.race([work, deadline]).catch(onLoss);
  clearTimeout(timer);
}

const kinds: Readonly<Record<SpanPlan['kind'], SpanKind>> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

/** Follows the span under way by itself, so that nothing of OpenTelemetry's is global here. */
class AsyncTracing implements Tracing {
  private readonly active = new AsyncLocalStorage<{ context: Context; traceparent: string }>();

  constructor(private readonly tracer: Tracer) {}

  current(): string | null {
    return this.active.getStore()?.traceparent ?? null;
  }

  async inSpan<T>(plan: SpanPlan, work: (span: OpenSpan) => Promise<T>): Promise<T> {
    const parent = this.parentOf(plan);
    const { name, attributes = {} } = plan;
    const span = this.tracer.startSpan(name, { kind: kinds[plan.kind], attributes }, parent);
    const opened = new RunningSpan(span);
    const { traceparent } = opened;
    const context = trace.setSpan(parent, span);
    try {
      return await this.active.run({ context, traceparent }, () => work(opened));
    } catch (error) {
      // The name and not the text, which may quote what a stranger wrote.
      if (!opened.failed) opened.fail(error instanceof Error ? error.name : 'unknown');
      throw error;
    } finally {
      span.end();
    }
  }

  private parentOf({ parent }: SpanPlan): Context {
    const cause = typeof parent === 'string' ? parseTraceParent(parent) : null;
    if (cause !== null) return trace.setSpanContext(ROOT_CONTEXT, { ...cause, isRemote: true });
    return this.active.getStore()?.context ?? ROOT_CONTEXT;
  }
}

class RunningSpan implements OpenSpan {
  readonly traceparent: string;
  failed = false;

  constructor(private readonly span: Span) {
    this.traceparent = traceparentOf(span);
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  set(attributes: SpanAttributes): void {
    this.span.setAttributes(attributes);
  }

  fail(reason: string): void {
    this.failed = true;
    this.span.setAttribute('error.type', reason);
    this.span.setStatus({ code: SpanStatusCode.ERROR });
  }
}

/** Version 00 of W3C Trace Context (source: w3.org/TR/trace-context). */
function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
