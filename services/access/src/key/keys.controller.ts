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
  ChannelAware,
  CurrentPrincipal,
  LocationAware,
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
import { listKeys, type Actor, type StoredKey } from './key-store.js';
import { keysIn } from './keys.js';

export const ACCESS_DATABASE = Symbol('access database');
export const KEY_AUTHENTICATION = Symbol('key authentication');
export const KEY_CLOCK = Symbol('key clock');

type KeyItem = Omit<StoredKey, 'hash' | 'createdBy' | 'revokedBy'> & {
  /** Ids of keys or of tokens' holders; null where only the name is known. */
  readonly createdBy: string | null;
  readonly createdByName: string;
  readonly revokedBy: string | null;
  readonly revokedByName: string | null;
};

const itemOf = ({ hash, createdBy, revokedBy, ...item }: StoredKey): KeyItem => {
  void hash;
  return {
    ...item,
    createdBy: createdBy.id,
    createdByName: createdBy.name,
    revokedBy: revokedBy?.id ?? null,
    revokedByName: revokedBy?.name ?? null,
  };
};

const actorOf = ({ id, name }: Principal): Actor => ({ id, name });

const lastAdmin = (keyId: string): ProblemException =>
  new ProblemException({
    code: 'last-admin',
    title: 'No other admin key lasts as long as this one: make one first',
    status: 409,
    keyId,
  });

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
  @ChannelAware()
  @LocationAware()
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
    const createdBy = actorOf(principal);
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

  /** All keys within the caller's limits, oldest first, without their secrets. */
  @Get()
  @Needs('access:read')
  @ChannelAware()
  @LocationAware()
  async list(
    @Query(valid(PageQuery)) query: PageQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Page<KeyItem>> {
    const { limit, after } = pageRequest(query);
    const keys = await listKeys(
      this.database,
      limit + 1,
      sortValues(after ?? ['', ''], ['text', 'text']),
      principal,
    );
    return pageOf(keys, limit, (key) => [key.createdAt, key.keyId], itemOf);
  }

  /** The key stops working: here at once, everywhere within ten seconds. The last admin key stays. Safe to repeat. */
  @Delete(':id')
  @Needs('access:write')
  @ChannelAware()
  @LocationAware()
  @HttpCode(204)
  async revoke(
    @Param('id') keyId: string,
    @CurrentPrincipal() principal: Principal,
  ): Promise<void> {
    if (!isKeyId(keyId)) throw notFound('key', keyId);
    const by = actorOf(principal);
    const outcome = await keysIn(this.database).revoke(keyId, this.now(), by, principal);
    if (outcome === 'unknown') throw notFound('key', keyId);
    if (outcome === 'last-admin') throw lastAdmin(keyId);
    this.authentication.forget(keyId);
  }
}
