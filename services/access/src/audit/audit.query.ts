import {
  pageOf,
  sortValues,
  type Database,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import type { AuditEntry } from './audit-log.js';

/** An entry as it is shown. */
export type AuditAnswer = Omit<AuditEntry, 'actor'> & {
  /** The id of a key or of a token's holder; null where only the name is known. */
  readonly actor: string | null;
  readonly actorName: string;
};

export type AuditFilter = {
  /** The id or the name. */
  readonly actor?: string;
  readonly subject?: string;
  readonly service?: string;
  /** First and last moment (ISO 8601, UTC). */
  readonly from?: string;
  readonly to?: string;
};

export type AuditQuery = (filter: AuditFilter, page: PageRequest) => Promise<Page<AuditAnswer>>;

/** The trail, newest first. */
export const auditQuery =
  (database: Database): AuditQuery =>
  async ({ actor, subject, service, from, to }, { limit, after }) => {
    const values: unknown[] = [];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const conditions: string[] = [];
    if (actor !== undefined) {
      const value = bind(actor);
      conditions.push(`(actor_id = ${value} or actor = ${value})`);
    }
    if (subject !== undefined) conditions.push(`subject = ${bind(subject)}`);
    if (service !== undefined) conditions.push(`service = ${bind(service)}`);
    if (from !== undefined) conditions.push(`at >= ${bind(from)}`);
    if (to !== undefined) conditions.push(`at <= ${bind(to)}`);
    if (after)
      conditions.push(
        `(at, entry_id) < (${sortValues(after, ['text', 'text']).map(bind).join(', ')})`,
      );
    const rows = await database.query<AuditAnswer>(
      `select entry_id as "entryId", at, actor_id as actor, actor as "actorName", service, subject,
         change, details from audit
       ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
       order by at desc, entry_id desc limit ${limit + 1}`,
      values,
    );
    return pageOf(
      rows,
      limit,
      ({ at, entryId }) => [at, entryId],
      (entry) => entry,
    );
  };
