import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { patchIdleLoop } from './kafka-idle-patch.js';

patchIdleLoop();

type Queue = {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: unknown;
  scheduleCheckPendingRequests(): void;
  checkPendingRequests(): void;
  destroy(): void;
};
const newQueue = (): Queue =>
  new (RequestQueue as unknown as new (options: object) => Queue)({
    logger: { debug: () => undefined },
    requestTimeout: 1_000,
    enforceRequestTimeout: false,
    clientId: 'test',
    broker: 'test',
  });

describe('kafkajs, patched', () => {
  it('starts no timer while nothing is queued', () => {
    const queue = newQueue();
    for (let answers = 0; answers < 100; answers += 1) queue.checkPendingRequests();
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });

  it('looks again while something is queued', () => {
    const queue = newQueue();
    queue.throttledUntil = Date.now() + 60_000;
    queue.pending.push({});
    queue.checkPendingRequests();
    expect(queue.throttleCheckTimeoutId).not.toBeNull();
    queue.destroy();
  });

  it('is patched once, however often that is asked for', () => {
    const { scheduleCheckPendingRequests } = RequestQueue.prototype;
    patchIdleLoop();
    expect(RequestQueue.prototype.scheduleCheckPendingRequests).toBe(scheduleCheckPendingRequests);
  });
});
