import { Controller, Get, Inject, Query } from '@nestjs/common';
import { KnownId, Optional, Time } from '@throughline/contracts';
import { instantOf } from '@throughline/kernel';
import { PageQuery, Needs, pageRequest, valid, type Page } from '@throughline/service-kit';
import type { AuditAnswer, AuditQuery } from './audit.query.js';

export const AUDIT_QUERY = Symbol('audit query');

export class AuditParameters extends PageQuery {
  @Optional() @KnownId() actor?: string;
  /** `<kind>:<id>`, as the entries name it. */
  @Optional() @KnownId(300) subject?: string;
  @Optional() @KnownId() service?: string;
  @Optional() @Time() from?: string;
  @Optional() @Time() to?: string;
}

@Controller('v1/access/audit')
export class AuditController {
  constructor(@Inject(AUDIT_QUERY) private readonly audit: AuditQuery) {}

  /** Who changed which setting, newest first: keys, items, locations, safety stock. */
  @Get()
  @Needs('access:read')
  async list(@Query(valid(AuditParameters)) query: AuditParameters): Promise<Page<AuditAnswer>> {
    const { actor, subject, service } = query;
    const from = query.from && instantOf(query.from);
    const to = query.to && instantOf(query.to);
    return this.audit(
      {
        ...(actor && { actor }),
        ...(subject && { subject }),
        ...(service && { service }),
        ...(from && { from }),
        ...(to && { to }),
      },
      pageRequest(query),
    );
  }
}
