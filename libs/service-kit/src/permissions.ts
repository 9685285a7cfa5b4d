/**
 * Everything that a caller can be allowed to do: `<area>:<verb>`. A route names the one that it needs. Names are
 * published API (keys and identity providers hold them): add, never rename.
 */
export const ACTIONS = [
  /** Orders, their events, the live stream and what needs a person. */
  'orders:read',
  /** Place, hold, release, edit, cancel. */
  'orders:write',
  'exceptions:resolve',
  'payments:read',
  'payments:refund',
  /** Items, locations, stock, availability, reservations, the queue and the ledger. */
  'inventory:read',
  /** Receipts, counts, damage, transfers. */
  'inventory:move',
  /** Items, locations, safety stock. */
  'inventory:settings',
  /** Decisions and quotes. */
  'routing:read',
  'fulfillments:read',
  /** Pick, pack, hand over, accept, reject. */
  'fulfillments:work',
  'shipments:read',
  /** Report where a parcel is. */
  'shipments:track',
  'returns:read',
  /** Request and approve. */
  'returns:write',
  /** Receive and inspect. */
  'returns:work',
  'dead-letters:read',
  'dead-letters:resolve',
  /** Consumers, projections, consistency. */
  'operations:read',
  /** Move readers, rebuild read models, publish again, repair the ledger. */
  'operations:write',
  /** Keys and the audit trail. */
  'access:read',
  /** Make and revoke keys. */
  'access:write',
] as const;
export type Action = (typeof ACTIONS)[number];

export const ACCESS_ROLES = ['viewer', 'operator', 'warehouse', 'finance', 'admin'] as const;
export type AccessRole = (typeof ACCESS_ROLES)[number];

/** Who may do everything. */
export const EVERY_ACTION: ReadonlySet<Action> = new Set(ACTIONS);

/** Keys and the audit trail tell who holds which power: that is for who hands it out. */
const READS = ACTIONS.filter((action) => action.endsWith(':read') && action !== 'access:read');

const ACTIONS_OF_ROLE: Readonly<Record<AccessRole, readonly Action[]>> = {
  viewer: READS,
  operator: [
    ...READS,
    'orders:write',
    'exceptions:resolve',
    'shipments:track',
    'returns:write',
    'returns:work',
    'dead-letters:resolve',
  ],
  warehouse: [...READS, 'inventory:move', 'fulfillments:work', 'shipments:track', 'returns:work'],
  finance: [...READS, 'payments:refund'],
  admin: ACTIONS,
};

export const isAction = (name: unknown): name is Action => EVERY_ACTION.has(name as Action);

export const isRole = (name: unknown): name is AccessRole =>
  ACCESS_ROLES.includes(name as AccessRole);

/** What these roles and actions allow together. Names that nobody here knows allow nothing. */
export const actionsOf = (
  roles: readonly string[],
  actions: readonly string[] = [],
): ReadonlySet<Action> =>
  new Set([
    ...roles.filter(isRole).flatMap((role) => ACTIONS_OF_ROLE[role]),
    ...actions.filter(isAction),
  ]);
