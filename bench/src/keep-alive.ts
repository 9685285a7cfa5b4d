import { connect, type Socket } from 'node:net';

export type RawAnswer = { readonly status: number; readonly body: string };

const HEAD_END = '\r\n\r\n';
const STATUS_AT = 'HTTP/1.1 '.length;

/**
 * One connection that stays open and carries one request at a time. It understands what our servers answer
 * and no more, which costs a fraction of a general client: the load generator shares its cores with what it measures.
 */
export class KeepAlive {
  readonly #host: string;
  #received = '';
  #waiting: { resolve: (answer: RawAnswer) => void; reject: (error: Error) => void } | undefined;

  private constructor(
    private readonly socket: Socket,
    origin: URL,
    private readonly headers: string,
  ) {
    this.#host = origin.host;
    socket.setNoDelay(true);
    // One character for each byte, so that lengths count.
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#take(text));
    socket.on('close', () => this.#fail(new Error('The connection was closed')));
    socket.on('error', (error) => this.#fail(error));
  }

  static async open(origin: string, headers: Readonly<Record<string, string>>): Promise<KeepAlive> {
    const url = new URL(origin);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const socket = connect(Number(url.port), url.hostname);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('error', reject);
    });
    return new KeepAlive(socket, url, lines.join(''));
  }

  /** Sends a request with a JSON body. Throws when the connection is lost before the answer came. */
  send(method: string, path: string, body: string, idempotencyKey?: string): Promise<RawAnswer> {
    const key = idempotencyKey === undefined ? '' : `idempotency-key: ${idempotencyKey}\r\n`;
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(new Error('The connection is closed'));
      this.#waiting = { resolve, reject };
      this.socket.write(
        `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${this.headers}${key}` +
          `content-length: ${Buffer.byteLength(body)}${HEAD_END}${body}`,
      );
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#received.slice(0, headEnd);
    const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
    const bodyAt = headEnd + HEAD_END.length;
    if (this.#received.length < bodyAt + Number(length)) return;
    const body = Buffer.from(this.#received.slice(bodyAt), 'latin1').toString();
    this.#received = '';
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status: Number(head.slice(STATUS_AT, STATUS_AT + 3)), body });
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
