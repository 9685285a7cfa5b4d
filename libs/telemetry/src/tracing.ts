import {
  context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';

export type Role = 'client' | 'consumer' | 'internal' | 'producer' | 'server';

export type SpanOptions = {
  readonly role?: Role;
  /** A `traceparent` that the span is a child of, instead of the running code's span. */
  readonly parent?: string;
  /** `service` goes down to the spans inside, so that services of one process can be told apart. */
  readonly attributes?: Attributes;
  /** No span where there is no trace that it would belong to: for what also runs in the background. */
  readonly onlyWithin?: boolean;
};

/** A span that somebody else ends; `enter` runs code inside it. */
export type OpenSpan = {
  readonly span: Span;
  enter<Result>(work: () => Result): Result;
};

const KINDS: Readonly<Record<Role, SpanKind>> = {
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
  producer: SpanKind.PRODUCER,
  server: SpanKind.SERVER,
};
const SERVICE = createContextKey('throughline service');
const NO_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
const NOT_TRACED: OpenSpan = { span: NO_SPAN, enter: (work) => work() };
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Undefined while nobody traces: then nothing below does more than look here. */
let tracer: Tracer | undefined;

/** Sends spans to `next` from now on, to nobody with undefined. Meant for `startTracing` alone. */
export const traceWith = (next: Tracer | undefined): void => {
  tracer = next;
};

/** The place in a trace where the running code stands, as a W3C `traceparent`; undefined outside any trace. */
export const currentTraceparent = (): string | undefined => {
  if (!tracer) return undefined;
  const here = trace.getSpanContext(context.active());
  if (!here || !isSpanContextValid(here)) return undefined;
  return `00-${here.traceId}-${here.spanId}-${here.traceFlags === TraceFlags.NONE ? '00' : '01'}`;
};

/** The trace that the running code belongs to, for logs. */
export const currentTraceId = (): string | undefined =>
  tracer && trace.getSpanContext(context.active())?.traceId;

/** The context that a `traceparent` names; that of the running code where there is none or it is malformed. */
const contextOf = (traceparent: string | undefined): Context => {
  const here = context.active();
  if (traceparent === undefined) return here;
  const [, version, traceId = '', spanId = '', flags = '', more] =
    TRACEPARENT.exec(traceparent) ?? [];
  // W3C Trace Context: version ff is forbidden, and only later versions may have more parts.
  if (version === 'ff' || (version === '00' && more !== undefined)) return here;
  const spanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
  };
  return isSpanContextValid(spanContext) ? trace.setSpanContext(here, spanContext) : here;
};

/** Begins a span; the caller ends it. `inSpan` is the better choice wherever the work is one promise. */
export const openSpan = (name: string, options: SpanOptions = {}): OpenSpan => {
  if (!tracer) return NOT_TRACED;
  const { role = 'internal', parent, attributes = {}, onlyWithin = false } = options;
  let around = contextOf(parent);
  const { service = around.getValue(SERVICE) } = attributes;
  if (service !== around.getValue(SERVICE)) around = around.setValue(SERVICE, service);
  const above = trace.getSpanContext(around);
  // What belongs to no trace, or to one that is not recorded, needs its context and nothing else.
  if (above ? !(above.traceFlags & TraceFlags.SAMPLED) : onlyWithin)
    return { span: NO_SPAN, enter: (work) => context.with(around, work) };
  const all = service === undefined ? attributes : { ...attributes, service: service as string };
  const span = tracer.startSpan(name, { kind: KINDS[role], attributes: all }, around);
  const inside = trace.setSpan(around, span);
  return { span, enter: (work) => context.with(inside, work) };
};

/** Marks a span as failed. Only the kind of error: its text may quote data, and belongs into the log. */
export const markFailed = (span: Span, error: unknown): void => {
  const { name = 'Error', code } = error as { readonly name?: string; readonly code?: unknown };
  span.setAttribute('error.type', typeof code === 'string' ? `${name} ${code}` : name);
  span.setStatus({ code: SpanStatusCode.ERROR });
};

/**
 * Runs `work` in a span of its own: a child of `parent` (a `traceparent`) or of the running code's span.
 * An error that `work` throws marks the span and is thrown on. While nobody traces it only calls `work`.
 */
export const inSpan = <Result>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<Result>,
): Promise<Result> => {
  if (!tracer) return work(NO_SPAN);
  const { span, enter } = openSpan(name, options);
  return enter(async () => {
    try {
      return await work(span);
    } catch (error) {
      markFailed(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
};
