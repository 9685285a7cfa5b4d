import {
  childrenOf,
  orderBodies,
  percentile,
  seedStock,
  apiOf,
  type System,
} from '@throughline/bench';
import { Pool } from 'undici';

const CONNECTIONS = 16;
const LOAD_MS = 25_000;
const KILL_AT_MS = 4_000;
const PAUSE_AT_MS = 10_000;
const PAUSE_MS = 8_000;
const REQUEST_DEADLINE_MS = 5_500;
const RECOVER_TIMEOUT_MS = 120_000;
const LOOK_EVERY_MS = 250;

type Answer = { readonly status: number; readonly durationMs: number; readonly body: string };

const sleep = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

/**
 * Kills Postgres with -9 and later freezes it for a while, under load. Requests must fail fast with 503,
 * nothing may hang, no acknowledged order may be missing afterwards, and all must recover by itself.
 */
export const postgresOutage = async (system: System): Promise<string[]> => {
  const api = apiOf(system, 4);
  await seedStock(api);
  const answers: Answer[] = [];
  const faults = injectFaults(system);
  await Promise.all([faults, placeOrders(system, answers)]);
  const problems = judge(answers);
  const missing = await unreleased(system, answers);
  await api.close();
  return [...problems, ...missing];
};

const injectFaults = async (system: System): Promise<void> => {
  await sleep(KILL_AT_MS);
  process.kill(system.postgresPid(), 'SIGKILL');
  process.stdout.write('Postgres killed\n');
  await sleep(PAUSE_AT_MS - KILL_AT_MS);
  const frozen = [system.postgresPid(), ...childrenOf(system.postgresPid())];
  for (const pid of frozen) signal(pid, 'SIGSTOP');
  process.stdout.write(`Postgres frozen for ${PAUSE_MS / 1000} s\n`);
  await sleep(PAUSE_MS);
  for (const pid of frozen) signal(pid, 'SIGCONT');
  process.stdout.write('Postgres goes on\n');
};

/** A server process that has ended meanwhile needs no signal. */
const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

const placeOrders = async (system: System, answers: Answer[]): Promise<void> => {
  const pool = new Pool(system.origin, { connections: CONNECTIONS, headersTimeout: 60_000 });
  const headers = { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' };
  const nextBody = orderBodies(`outage-${Date.now()}`, 3);
  const startedAt = performance.now();
  const client = async (): Promise<void> => {
    while (performance.now() - startedAt < LOAD_MS) {
      const body = nextBody();
      const before = performance.now();
      const answer = await pool.request({ method: 'POST', path: '/v1/orders', headers, body });
      await answer.body.dump();
      const durationMs = performance.now() - before;
      answers.push({ status: answer.statusCode, durationMs, body });
      // A client that was told to come back later does not come back at once.
      if (answer.statusCode !== 201) await sleep(100);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  await pool.close();
};

const judge = (answers: readonly Answer[]): string[] => {
  const counts = Map.groupBy(answers, ({ status }) => status);
  const longest = Math.max(...answers.map(({ durationMs }) => durationMs));
  const refused = answers
    .filter(({ status }) => status === 503)
    .map(({ durationMs }) => durationMs);
  for (const [status, list] of counts)
    process.stdout.write(`${list.length} answers with ${status}\n`);
  process.stdout.write(
    `longest answer ${longest.toFixed(0)} ms; 503 after p50 ${percentile(refused, 0.5).toFixed(0)} ms\n`,
  );
  const strange = [...counts.keys()].filter((status) => status !== 201 && status !== 503);
  return [
    ...strange.map((status) => `${counts.get(status)!.length} answers with ${status}`),
    ...(longest > REQUEST_DEADLINE_MS ? [`an answer took ${longest.toFixed(0)} ms`] : []),
    ...(refused.length === 0 ? ['no fault was felt'] : []),
  ];
};

/** Sends every order again: acknowledged ones must be known, unknown ones are settled; then all get work. */
const unreleased = async (system: System, answers: readonly Answer[]): Promise<string[]> => {
  const api = apiOf(system, CONNECTIONS);
  const problems: string[] = [];
  const orderIds = new Set<string>();
  for (const { status, body } of answers) {
    const expected = status === 201 ? [200] : [200, 201];
    try {
      orderIds.add(
        (await api.call<{ orderId: string }>('POST', '/v1/orders', expected, body)).orderId,
      );
    } catch (error) {
      problems.push(String(error));
    }
  }
  const deadline = performance.now() + RECOVER_TIMEOUT_MS;
  for (;;) {
    const page = await api.call<{ items: unknown[] }>('GET', '/v1/orders?status=received', [200]);
    const approved = await api.call<{ items: unknown[] }>(
      'GET',
      '/v1/orders?status=approved',
      [200],
    );
    if (page.items.length + approved.items.length === 0) break;
    if (performance.now() > deadline) {
      problems.push(`${page.items.length + approved.items.length} orders or more stand still`);
      break;
    }
    await sleep(LOOK_EVERY_MS);
  }
  process.stdout.write(`${orderIds.size} orders, none standing still\n`);
  const checks = await api.call<{ items?: unknown[] }>('GET', '/v1/inventory/checks', [200]);
  if ((checks.items ?? []).length > 0) problems.push(`ledger differs: ${JSON.stringify(checks)}`);
  await api.close();
  return problems;
};
