const ASK_TIMEOUT_MS = 600_000;

/**
 * The brokers of this test run, `host:port` each: those of `KAFKA_BROKERS`, else one broker of our own for all specs,
 * started when the first spec asks and stopped at the end of the run. Undefined where no Kafka can be had, which is said
 * once on standard error. Topics and groups are seen by every spec (and may outlive the run): give them names of your own.
 * Throws when a broker should have started and did not.
 */
export const testBrokers = async (): Promise<string[] | undefined> => {
  const url = process.env.TEST_KAFKA_URL;
  if (!url) throw new Error('No Kafka: run the tests with `npm test` or `npm run jest`');
  const response = await fetch(url, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) });
  const { brokers, error } = (await response.json()) as { brokers?: string[]; error?: string };
  if (error) throw new Error(error);
  return brokers;
};

/**
 * `describe` for what needs a real Kafka, skipped where none can be had. The broker starts before `fn` is called:
 * `await describeWithKafka('the bus', (brokers) => { ... })` at the top level of the spec.
 */
export const describeWithKafka = async (
  name: string,
  fn: (brokers: string[]) => void,
): Promise<void> => {
  const brokers = await testBrokers();
  if (brokers) describe(name, () => fn(brokers));
  else describe.skip(name, () => fn([]));
};
