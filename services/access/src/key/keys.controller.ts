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
import { Id } from '@throughline/contracts';
import type { Cause } from '@throughline/event-store';
import type { Database } from '@throughline/postgres';
import {
  CurrentPrincipal,
  invalidRequest,
  notFound,
  pageOf,
  pageRequest,
  ProblemException,
  RequestCause,
  valid,
  type Page,
  type Principal,
} from '@throughline/service-kit';
import type { Authentication } from './authentication.js';
import { hashOf, isKeyId, keyIdOf, keyText, newSecret } from './key.js';
import { addKey, listKeys, revokeKey, type StoredKey } from './key-store.js';

export const KEY_DATABASE = Symbol('key database');
export const KEY_AUTHENTICATION = Symbol('key authentication');
export const KEY_CLOCK = Symbol('key clock');

export class KeyBody {
  @Id() name!: string;
}

type KeyItem = Omit<StoredKey, 'hash'>;

const itemOf = ({
  keyId,
  name,
  createdAt,
  createdBy,
  revokedAt,
  revokedBy,
}: StoredKey): KeyItem => ({
  keyId,
  name,
  createdAt,
  createdBy,
  revokedAt,
  revokedBy,
});

/** The creation time and id to go on after; before everything where no cursor was sent. */
const placeOf = (after: readonly unknown[] = ['', '']): readonly [string, string] => {
  const [createdAt, keyId] = after;
  const isPlace = [createdAt, keyId].every(
    (part) => typeof part === 'string' && !part.includes('\u0000'),
  );
  if (isPlace) return [String(createdAt), String(keyId)];
  throw invalidRequest([
    { field: 'cursor', code: 'cursor', message: 'must be the nextCursor of an earlier answer' },
  ]);
};

/** API keys: made, listed and revoked. A key is shown once, when it is made. */
@Controller('v1/access/keys')
export class KeysController {
  constructor(
    @Inject(KEY_DATABASE) private readonly database: Database,
    @Inject(KEY_AUTHENTICATION) private readonly authentication: Authentication,
    @Inject(KEY_CLOCK) private readonly now: () => string,
  ) {}

  /** A repeat with the same `Idempotency-Key` makes no second key, and cannot show the first one again. */
  @Post()
  @HttpCode(201)
  async create(
    @Body(valid(KeyBody)) { name }: KeyBody,
    @RequestCause() cause: Cause,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ keyId: string; key: string }> {
    const keyId = keyIdOf(cause.id);
    const secret = newSecret();
    const isNew = await addKey(this.database, {
      keyId,
      name,
      hash: hashOf(secret),
      createdAt: this.now(),
      createdBy: principal.name,
    });
    if (!isNew)
      throw new ProblemException({
        code: 'key-shown-before',
        title: 'This key was made and shown before; revoke it and make another one',
        status: 409,
        keyId,
      });
    this.authentication.forget(keyId);
    return { keyId, key: keyText({ keyId, secret }) };
  }

  @Get()
  async list(@Query() query: { limit?: string; cursor?: string }): Promise<Page<KeyItem>> {
    const { limit, after } = pageRequest(query);
    const keys = await listKeys(this.database, limit + 1, placeOf(after));
    return pageOf(keys, limit, (key) => [key.createdAt, key.keyId], itemOf);
  }

  /** The key stops working: here at once, everywhere within `KEY_CACHE_MS`. Safe to repeat. */
  @Delete(':id')
  @HttpCode(204)
  async revoke(
    @Param('id') keyId: string,
    @CurrentPrincipal() principal: Principal,
  ): Promise<void> {
    const revocation = { at: this.now(), by: principal.name };
    const isKnown = isKeyId(keyId) && (await revokeKey(this.database, keyId, revocation));
    if (!isKnown) throw notFound('key', keyId);
    this.authentication.forget(keyId);
  }
}
