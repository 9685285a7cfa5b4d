import {
  pageOf,
  sortValues,
  type Database,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import type { AuditEntry } from './audit-log.js';

export type AuditFilter = {
  readonly actor?: string;
  readonly subject?: string;
  readonly service?: string;
  /** First and last moment (ISO 8601, UTC). */
  readonly from?: string;
  readonly to?: string;
};

export type AuditQuery = (filter: AuditFilter, page: PageRequest) => Promise<Page<AuditEntry>>;

/** The trail, newest first. */
export const auditQuery =
  (database: Database): AuditQuery =>
  async ({ actor, subject, service, from, to }, { limit, after }) => {
    const values: unknown[] = [];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const conditions: string[] = [];
    if (actor !== undefined) conditions.push(`actor = ${bind(actor)}`);
    if (subject !== undefined) conditions.push(`subject = ${bind(subject)}`);
    if (service !== undefined) conditions.push(`service = ${bind(service)}`);
    if (from !== undefined) conditions.push(`at >= ${bind(from)}`);
    if (to !== undefined) conditions.push(`at <= ${bind(to)}`);
    if (after)
      conditions.push(
        `(at, entry_id) < (${sortValues(after, ['text', 'text']).map(bind).join(', ')})`,
      );
    const rows = await database.query<AuditEntry>(
      `select entry_id as "entryId", at, actor, service, subject, change, details from audit
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
