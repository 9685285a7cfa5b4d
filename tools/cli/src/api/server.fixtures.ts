import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Call = {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
};

/** An answer, or what goes wrong instead: the connection breaks before or after the work, or nothing comes. */
export type Reply =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | 'cut'
  | 'silence';

export type TestServer = AsyncDisposable & { readonly url: string; readonly calls: Call[] };

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
};

const answer = (response: ServerResponse, reply: Reply): void => {
  if (reply === 'silence') return;
  if (reply === 'cut') return void response.socket?.destroy();
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
  response.end(reply.body === undefined ? '' : JSON.stringify(reply.body));
};

/** A real HTTP server on a free port that keeps every call it got and replies as told. */
export const testServer = async (
  reply: (call: Call, index: number) => Reply,
): Promise<TestServer> => {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method = '', headers } = request;
      const call = { method, url: new URL(request.url ?? '/', 'http://localhost'), headers, body };
      calls.push(call);
      answer(response, reply(call, calls.length - 1));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
