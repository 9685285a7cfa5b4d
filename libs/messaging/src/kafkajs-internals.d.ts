declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** Requests to one broker. Only what our patch touches. */
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  }
}
