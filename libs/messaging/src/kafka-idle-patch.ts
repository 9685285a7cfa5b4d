import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

let isPatched = false;

/**
 * kafkajs 2.2.4 looks at its queue of unsent requests again and again, by a timer whose delay is negative, also when
 * nothing is queued: some 900 timers a second and process. Afterwards it only looks while something is queued; whatever
 * is queued later makes it look by itself. Repeating the call changes nothing. See docs/decisions/0011.
 */
export const patchIdleLoop = (): void => {
  if (isPatched) return;
  isPatched = true;
  const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
};
