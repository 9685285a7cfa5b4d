import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import type { Cause } from '@throughline/event-store';
import type { Database } from '@throughline/postgres';
import {
  CurrentPrincipal,
  Needs,
  notFound,
  pageOf,
  PageQuery,
  pageRequest,
  sortValues,
  ProblemException,
  RequestCause,
  valid,
  type Page,
  type Principal,
} from '@throughline/service-kit';
import type { Authentication } from './authentication.js';
import { grantOf, KeyBody } from './key-body.js';
import { hashOf, isKeyId, keyIdOf, keyText, newSecret } from './key.js';
import { listKeys, type StoredKey } from './key-store.js';
import { keysIn } from './keys.js';

export const ACCESS_DATABASE = Symbol('access database');
export const KEY_AUTHENTICATION = Symbol('key authentication');
export const KEY_CLOCK = Symbol('key clock');

type KeyItem = Omit<StoredKey, 'hash'>;

const itemOf = ({ hash, ...item }: StoredKey): KeyItem => {
  void hash;
  return item;
};

/** API keys: made, listed and revoked. A key is shown once, when it is made. */
@Controller('v1/access/keys')
export class KeysController {
  constructor(
    @Inject(ACCESS_DATABASE) private readonly database: Database,
    @Inject(KEY_AUTHENTICATION) private readonly authentication: Authentication,
    @Inject(KEY_CLOCK) private readonly now: () => string,
  ) {}

  /**
   * Makes a key that allows what its roles and actions say, and no more than its maker may do. A repeat with the
   * same `Idempotency-Key` makes no second key, and cannot show the first one again.
   */
  @Post()
  @Needs('access:write')
  @HttpCode(201)
  async create(
    @Body(valid(KeyBody)) body: KeyBody,
    @RequestCause() cause: Cause,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ keyId: string; key: string }> {
    const createdAt = this.now();
    const grant = grantOf(body, principal, Date.parse(createdAt));
    const keyId = keyIdOf(cause.id);
    const secret = newSecret();
    const { name } = body;
    const createdBy = principal.name;
    const key = { keyId, name, hash: hashOf(secret), ...grant, createdAt, createdBy };
    if (!(await keysIn(this.database).add(key)))
      throw new ProblemException({
        code: 'key-shown-before',
        title: 'This key was made and shown before; revoke it and make another one',
        status: 409,
        keyId,
      });
    this.authentication.forget(keyId);
    return { keyId, key: keyText({ keyId, secret }) };
  }

  /** All keys, oldest first, without their secrets. */
  @Get()
  @Needs('access:read')
  async list(@Query(valid(PageQuery)) query: PageQuery): Promise<Page<KeyItem>> {
    const { limit, after } = pageRequest(query);
    const keys = await listKeys(
      this.database,
      limit + 1,
      sortValues(after ?? ['', ''], ['text', 'text']),
    );
    return pageOf(keys, limit, (key) => [key.createdAt, key.keyId], itemOf);
  }

  /** The key stops working: here at once, everywhere within ten seconds. Safe to repeat. */
  @Delete(':id')
  @Needs('access:write')
  @HttpCode(204)
  async revoke(
    @Param('id') keyId: string,
    @CurrentPrincipal() principal: Principal,
  ): Promise<void> {
    const isKnown =
      isKeyId(keyId) && (await keysIn(this.database).revoke(keyId, this.now(), principal.name));
    if (!isKnown) throw notFound('key', keyId);
    this.authentication.forget(keyId);
  }
}
