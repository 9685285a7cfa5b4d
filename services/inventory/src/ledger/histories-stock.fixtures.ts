import type { Warehouse } from '../inventory.fixtures.js';
import { START } from './histories.fixtures.js';

/** Puts into a fresh database what every history begins with. */
export const settled = async ({ http, runtime: { database } }: Warehouse): Promise<void> => {
  const put = async (path: string, body: object): Promise<void> => {
    const answer = await http('PUT', `/v1/inventory/${path}`, body);
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  };
  for (const { locationId, type } of START.locations) {
    const address = { country: 'GB', postalCode: 'M1 1AE' };
    await put(`locations/${locationId}`, { type, name: locationId, address });
  }
  for (const sku of START.skus) await put(`items/${sku}`, { name: sku });
  for (const { sku, parts } of START.kits) {
    const components = parts.map((part) => ({ sku: part.sku, quantity: part.perKit }));
    await put(`items/${sku}`, { name: sku, components });
  }
  for (const { channel, sku, quota, buffer } of START.listings)
    await database.query(
      `insert into listings (channel, sku, quota, buffer, updated_at) values ($1, $2, $3, $4, now())`,
      [channel, sku, quota, buffer],
    );
};
