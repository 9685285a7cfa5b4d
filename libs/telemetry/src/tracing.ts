import {
  context,
  isSpanContextValid,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';

export type Role = 'client' | 'consumer' | 'internal' | 'producer' | 'server';

const KINDS: Readonly<Record<Role, SpanKind>> = {
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
  producer: SpanKind.PRODUCER,
  server: SpanKind.SERVER,
};
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The place in a trace where the running code stands, as a W3C `traceparent`; undefined outside any trace. */
export const currentTraceparent = (): string | undefined => {
  const here = trace.getSpanContext(context.active());
  if (!here || !isSpanContextValid(here)) return undefined;
  return `00-${here.traceId}-${here.spanId}-${here.traceFlags.toString(16).padStart(2, '0')}`;
};

/** The context that a `traceparent` names; that of the running code where there is none or it is malformed. */
const contextOf = (traceparent: string | undefined): Context => {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (!traceId || !spanId || !flags) return context.active();
  return trace.setSpanContext(context.active(), {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
  });
};

/**
 * Runs `work` in a span of its own: a child of `parent` (a `traceparent`) or of the running code's span.
 * An error that `work` throws is recorded and thrown on. Costs next to nothing while nobody traces.
 */
export const inSpan = async <Result>(
  name: string,
  options: { readonly role?: Role; readonly parent?: string; readonly attributes?: Attributes },
  work: (span: Span) => Promise<Result>,
): Promise<Result> => {
  const { role = 'internal', parent, attributes = {} } = options;
  const tracer = trace.getTracer('throughline');
  return tracer.startActiveSpan(
    name,
    { kind: KINDS[role], attributes },
    contextOf(parent),
    async (span) => {
      try {
        return await work(span);
      } catch (error) {
        span.recordException(error as Error);
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
  );
};
