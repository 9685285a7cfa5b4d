import {
  counter,
  exposition,
  forgetBreaches,
  gauge,
  histogram,
  invariantBreaches,
  onScrape,
} from './index.js';

it('declares a metric once, however many ask for it', async () => {
  const describe = { name: 'spec_total', help: 'counted' };
  counter(describe, ['kind']).inc({ kind: 'a' });
  counter(describe, ['kind']).inc({ kind: 'a' });
  gauge({ name: 'spec_level', help: 'level' }, []).set(3);
  histogram({ name: 'spec_seconds', help: 'latency' }, []).observe(0.2);
  const text = await exposition();
  expect(text).toContain('spec_total{kind="a"} 2');
  expect(text).toContain('spec_level 3');
  expect(text).toContain('spec_seconds_bucket{le="0.1"} 0');
  expect(text).toContain('spec_seconds_bucket{le="0.25"} 1');
});

it('forgets what a process no longer checks, and nothing of others', async () => {
  for (const service of ['one', 'other']) invariantBreaches.set({ service, invariant: 'I5' }, 2);
  await forgetBreaches('one');
  const text = await exposition();
  expect(text).not.toContain('oms_invariant_breaches{service="one"');
  expect(text).toContain('oms_invariant_breaches{service="other",invariant="I5"} 2');
});

it('asks for levels at each scrape, and no longer than wanted', async () => {
  const waiting = gauge({ name: 'spec_waiting', help: 'waiting' }, []);
  let level = 1;
  const end = onScrape(() => waiting.set(level));
  expect(await exposition()).toContain('spec_waiting 1');
  level = 2;
  expect(await exposition()).toContain('spec_waiting 2');
  end();
  level = 3;
  expect(await exposition()).toContain('spec_waiting 2');
});

it('measures the process and how late its timers run', async () => {
  await exposition();
  await new Promise((resolve) => setTimeout(resolve, 30));
  // A busy loop is what the lag is there to show.
  const until = performance.now() + 200;
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve, 30));
  const text = await exposition();
  expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
  const [, worst] = /^oms_event_loop_lag_seconds\{quantile="1"\} (\S+)$/m.exec(text) ?? [];
  expect(Number(worst)).toBeGreaterThan(0.05);
});
