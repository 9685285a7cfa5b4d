import { once } from 'node:events';
import { connect } from 'node:net';

const linesOf = (method: string, path: string, more: readonly string[]): string =>
  [`${method} ${path} HTTP/1.1`, 'host: crowd', ...more, ''].join('\r\n');
const bearer = (key: string): string => `authorization: Bearer ${key}`;
const BODY_TO_COME = ['content-type: application/json', 'content-length: 1000000', '', '{'];
const FILE_TO_COME = ['content-type: text/csv', 'transfer-encoding: chunked', ''];

/** Connections that begin something and do not end it: so many strangers, and a key with bodies, files and lists. */
export const slowCrowd = async (
  port: number,
  {
    strangers,
    key,
    bodies,
    files,
    lists,
  }: {
    readonly strangers: number;
    readonly key: string;
    readonly bodies: number;
    readonly files: number;
    readonly lists: number;
  },
): Promise<{ end(): void }> => {
  const list = linesOf('GET', '/v1/orders?limit=200', [bearer(key), '']);
  const begun = [
    ...Array<string>(strangers).fill(linesOf('POST', '/v1/orders', BODY_TO_COME)),
    ...Array<string>(bodies).fill(linesOf('POST', '/v1/orders', [bearer(key), ...BODY_TO_COME])),
    ...Array<string>(files).fill(
      linesOf('POST', '/v1/inventory/imports?mode=add', [bearer(key), ...FILE_TO_COME]),
    ),
    ...Array<string>(lists).fill(list.repeat(50)),
  ];
  const sockets = await Promise.all(
    begun.map(async (text) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(text);
      // Nothing of the answers is read.
      return socket.pause();
    }),
  );
  return { end: () => sockets.forEach((socket) => socket.destroy()) };
};
