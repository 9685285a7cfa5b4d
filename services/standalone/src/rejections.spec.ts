import { compilerFaults } from '@throughline/testing';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Where each refusal of a domain becomes an answer. */
const EDGES: Readonly<Record<string, string>> = {
  'fulfillment/src/fulfillment/domain/fulfillment.ts': 'fulfillment-problem.ts',
  'inventory/src/ledger/domain/ledger.ts': 'ledger-problem.ts',
  'inventory/src/supply/domain/revision.ts': 'supply-body.ts',
  'order-capture/src/order/domain/order.ts': 'order-problem.ts',
  'payments/src/payment/domain/payment.ts': 'payments.controller.ts',
  'returns/src/return/domain/return.ts': 'return-problem.ts',
  'shipping/src/shipment/domain/shipment.ts': 'shipment-problem.ts',
};
const UNION = /^export type \w+Rejection =(?! never)/m;
const edges = Object.entries(EDGES).map(([domain, edge]) => ({
  domain: `services/${domain}`,
  edge: join('services', domain, '../..', edge),
}));

describe('a new code of a rejection', () => {
  it('has an edge here, whatever domain it is of', () => {
    const domains = globSync('services/*/src/**/domain/*.ts', { cwd: ROOT });
    const refusing = domains.filter((path) => UNION.test(textOf(path)));
    expect(refusing.sort()).toEqual(edges.map(({ domain }) => domain).sort());
  });

  it('does not compile where it has no answer yet', async () => {
    const files = new Map(edges.map(({ edge }) => [edge, textOf(edge)]));
    for (const { domain } of edges) {
      const union = UNION.exec(textOf(domain))![0];
      const wider = `${union} | { readonly code: 'a-new-code' } `;
      files.set(domain, textOf(domain).replace(union, wider));
    }
    const faults = await compilerFaults(ROOT, files);
    expect([...new Set(faults.map(({ path }) => path))].sort()).toEqual(
      edges.map(({ edge }) => edge).sort(),
    );
  });
});
