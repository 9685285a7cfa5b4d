import { connect } from 'node:net';

const ANSWER_TIMEOUT_MS = 2_000;
const METADATA = 3;
const METADATA_VERSION = 4;

/** A Metadata request, version 4, that asks for no topic: https://kafka.apache.org/protocol#The_Messages_Metadata */
const request = (): Buffer => {
  const body = Buffer.alloc(19);
  body.writeInt32BE(body.length - 4, 0);
  body.writeInt16BE(METADATA, 4);
  body.writeInt16BE(METADATA_VERSION, 6);
  body.writeInt32BE(1, 8); // correlation id
  body.writeInt16BE(-1, 12); // no client id
  body.writeInt32BE(0, 14); // no topics; the last byte says not to make any
  return body;
};

/** Whether a broker listens at this `host:port`, answers without TLS, and counts itself as in service. Never throws. */
export const brokerAnswers = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(`kafka://${address}`);
    const socket = connect({ host: hostname, port: Number(port) });
    const answer = (isReady: boolean): void => {
      resolve(isReady);
      socket.destroy();
    };
    let heard = Buffer.alloc(0);
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => answer(false));
    socket.on('error', () => answer(false));
    socket.on('close', () => answer(false));
    socket.on('connect', () => socket.write(request()));
    socket.on('data', (chunk) => {
      heard = Buffer.concat([heard, chunk]);
      // Size, correlation id, throttle time, then how many brokers are in service.
      if (heard.length >= 16) answer(heard.readInt32BE(12) > 0);
    });
  });
