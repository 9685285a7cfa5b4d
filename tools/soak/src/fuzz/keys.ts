import type { Client } from '../client.js';
import type { Dice } from '../dice.js';

/** What a request says of its sender: the value of `Authorization`, or nothing. */
export type Credentials = {
  /** Weights of those that are drawn from. */
  draw(dice: Dice): string | undefined;
  /** Ids of the keys that are in use. */
  readonly keyIds: ReadonlySet<string>;
};

type Made = { readonly keyId: string; readonly key: string };

const KINDS = [
  { name: 'fuzz viewer', roles: ['viewer'] },
  { name: 'fuzz operator', roles: ['operator'] },
  { name: 'fuzz warehouse', roles: ['warehouse'] },
  { name: 'fuzz channel', roles: ['operator'], channels: ['web', 'shop'] },
  { name: 'fuzz nothing', actions: ['payments:read'] },
];

/** Makes keys of several kinds with the admin's. */
export const makeKeys = async (client: Client, adminKey: string): Promise<Credentials> => {
  const make = async (body: object): Promise<Made> => {
    const { status, body: made } = await client.send<Made>('POST', '/v1/access/keys', body);
    if (status !== 201) throw new Error(`No key was made: ${status} ${JSON.stringify(made)}`);
    return made;
  };
  const kept = await Promise.all(KINDS.map(make));
  const revoked = await make({ name: 'fuzz revoked', roles: ['admin'] });
  await client.send('DELETE', `/v1/access/keys/${revoked.keyId}`);
  const me = await client.get<{ readonly id: string }>('/v1/access/principal');
  const bearers = kept.map(({ key }) => `Bearer ${key}`);
  const strange = [`Bearer ${revoked.key}`, 'Bearer x', 'Bearer', 'Basic eDp4', '', '\u00ff'];
  return {
    keyIds: new Set([...kept.map(({ keyId }) => keyId), ...(me ? [me.id] : [])]),
    draw: (dice) =>
      dice.weighted<() => string | undefined>([
        [0.8, () => `Bearer ${adminKey}`],
        [0.16, () => dice.one(bearers)],
        // Their addresses are let through seldom: many of them would only be told to come back later.
        [0.01, () => undefined],
        [0.03, () => dice.one(strange)],
      ])!(),
  };
};
