const ASK_TIMEOUT_MS = 600_000;

/** Where clients of the test broker log in: with this certificate, and `secret-of-<name>` as password of `<name>`. */
export type SecuredBroker = {
  readonly address: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
};

type Answer = {
  readonly brokers?: string[];
  readonly secured?: SecuredBroker;
  readonly error?: string;
};

const ask = async (): Promise<Answer> => {
  const url = process.env.TEST_KAFKA_URL;
  if (!url) throw new Error('No Kafka: run the tests with `npm test` or `npm run jest`');
  const response = await fetch(url, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) });
  const answer = (await response.json()) as Answer;
  if (answer.error) throw new Error(answer.error);
  return answer;
};

/**
 * The brokers of this test run, `host:port` each: those of `KAFKA_BROKERS`, else one broker of our own for all specs,
 * started when the first spec asks and stopped at the end of the run. Undefined where no Kafka can be had, which is said
 * once on standard error. Topics and groups are seen by every spec (and may outlive the run): give them names of your own.
 * Throws when a broker should have started and did not.
 */
export const testBrokers = async (): Promise<string[] | undefined> => (await ask()).brokers;

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

/** The same for what needs one that has clients log in: Java's, and `openssl`. */
export const describeWithSecuredKafka = async (
  name: string,
  fn: (secured: SecuredBroker) => void,
): Promise<void> => {
  const { secured } = await ask();
  if (secured) describe(name, () => fn(secured));
  else describe.skip(name, () => fn({ address: '', ca: '', cert: '', key: '' }));
};
