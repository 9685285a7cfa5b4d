import { connect, type Socket } from 'node:net';

/** What came back for the bytes of one request. */
export type Answer = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly ms: number;
};
export type Outcome = Answer | 'closed' | 'late';

type Head = { readonly status: number; readonly headers: ReadonlyMap<string, string> };

const END_OF_HEAD = '\r\n\r\n';

/** Undefined until the head is there; answers that only say "go on" are left out. */
const headIn = (text: string): (Head & { readonly rest: string }) | undefined => {
  const end = text.indexOf(END_OF_HEAD);
  if (end < 0) return undefined;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const rest = text.slice(end + END_OF_HEAD.length);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? Number.NaN);
  if (status >= 100 && status < 200) return headIn(rest);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status, headers: new Map(headers), rest };
};

/** The body with its end, where that is there; a body without a length ends with its connection. */
const bodyIn = ({ headers }: Head, rest: string, isClosed: boolean): string | undefined => {
  if (headers.get('transfer-encoding') === 'chunked') return chunksIn(rest);
  const length = headers.get('content-length');
  if (length === undefined) return isClosed ? rest : undefined;
  return rest.length >= Number(length) ? rest.slice(0, Number(length)) : undefined;
};

const chunksIn = (text: string): string | undefined => {
  let body = '';
  for (let at = 0; ;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (text.length < next) return undefined;
    if (size === 0) return body;
    body += text.slice(lineEnd + 2, next - 2);
    at = next;
  }
};

export type Sending = {
  readonly bytes: Buffer;
  readonly isHead: boolean;
  /** Nothing else comes: the sending half of the connection is closed. */
  readonly ends: boolean;
  readonly deadlineMs: number;
};

/** One connection after another to a server, with whatever bytes; a connection is used again while it is in order. */
export class Wire {
  #socket: Socket | undefined;

  constructor(private readonly origin: URL) {}

  send({ bytes, isHead, ends, deadlineMs }: Sending): Promise<Outcome> {
    const socket = this.#connected();
    const startedAt = performance.now();
    let text = '';
    return new Promise((resolve) => {
      const done = (outcome: Outcome, keep: boolean): void => {
        clearTimeout(timer);
        socket.removeAllListeners('data');
        socket.removeAllListeners('close');
        if (!keep || ends) this.close();
        resolve(outcome);
      };
      const read = (isClosed: boolean): void => {
        const head = headIn(text);
        if (!head) return isClosed ? done('closed', false) : undefined;
        const { status, headers, rest } = head;
        const isStream = headers.get('content-type') === 'text/event-stream';
        const isEmpty = isHead || isStream || status === 204 || status === 304;
        const body = isEmpty ? '' : bodyIn(head, rest, isClosed);
        if (body === undefined) return isClosed ? done('closed', false) : undefined;
        const ms = performance.now() - startedAt;
        const keep = !isClosed && !isStream && headers.get('connection') !== 'close';
        done({ status, headers, body: Buffer.from(body, 'latin1').toString(), ms }, keep);
      };
      const timer = setTimeout(() => done('late', false), deadlineMs);
      socket.on('data', (part: Buffer) => {
        text += part.toString('latin1');
        read(false);
      });
      socket.on('close', () => read(true));
      if (ends) socket.end(bytes);
      else socket.write(bytes);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #connected(): Socket {
    if (this.#socket && !this.#socket.destroyed && this.#socket.readable) return this.#socket;
    const socket = connect({
      port: Number(this.origin.port),
      host: this.origin.hostname,
      // An answer may come after our half is closed.
      allowHalfOpen: true,
    });
    // What a broken connection means is told by its close.
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end());
    this.#socket = socket;
    return socket;
  }
}
