import type { Dice } from '../dice.js';

/** What is hardly a request any more; who sends it may be answered with the end of the connection. */
export const spoilBytes = (bytes: Buffer, dice: Dice): Buffer => {
  const text = bytes.toString('latin1');
  const headEnd = text.indexOf('\r\n\r\n');
  const [head, body] = [text.slice(0, headEnd), text.slice(headEnd + 4)];
  const [first = '', ...headers] = head.split('\r\n');
  const chunked = (chunks: string): string =>
    [first, ...headers.filter((one) => !/^content-length/i.test(one)), 'Transfer-Encoding: chunked']
      .join('\r\n')
      .concat('\r\n\r\n', chunks);
  return Buffer.from(
    dice.one<() => string>([
      () => text.slice(0, dice.between(1, text.length - 1)),
      () => text.replace('HTTP/1.1', dice.one(['HTTP/1.0', 'HTTP/2.0', 'HTTP/9', 'FTP/1.1', ''])),
      () => text.replaceAll('\r\n', '\n'),
      () => text.replace('\r\n', '\r\n no colon\r\n'),
      () => text.replace('\r\n', '\r\n: no name\r\n'),
      () => text.replace('\r\n', `\r\nX-\u0000: ${'\u0001'}\r\n`),
      () => text.replace(/Content-Length: \d+/i, `Content-Length: ${body.length + 5}`),
      () => text.replace(/Content-Length: \d+/i, `Content-Length: ${Math.max(0, body.length - 5)}`),
      () => text.replace('\r\n', '\r\nContent-Length: 3\r\nContent-Length: 4\r\n'),
      () => text.replace('\r\n', '\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n'),
      () => chunked(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`),
      () => chunked('zz\r\nx\r\n0\r\n\r\n'),
      () => chunked('5\r\nab'),
      () => `${text}${text}`,
      () => String.fromCharCode(...Array.from({ length: 200 }, () => dice.between(0, 255))),
      () => '\r\n\r\n',
      () => '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
      () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      () => 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n',
      () => 'GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n',
      () => 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
    ])(),
    'latin1',
  );
};
