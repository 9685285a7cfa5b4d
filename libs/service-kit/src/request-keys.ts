import {
  Inject,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Cause } from '@throughline/event-store';
import type { Database } from '@throughline/postgres';
import type { FastifyReply } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { AuthenticatedRequest } from './access.js';
import { keyReused, ProblemException } from './problem.js';
import { keyedCauseOf } from './request.js';

/** The keys of one service's requests, in each service's module. */
export const REQUEST_KEYS = Symbol('request keys');

/** What a request came to, so that it can be answered the same again. */
export type Answer<Body> = {
  readonly status: number;
  readonly body: Body;
  /** Its `Consistency-Token`, where it has one. */
  readonly token?: string;
};
type Claimed = { content_hash: string; answer: never; is_new: boolean };

// The row is touched in either case, since what another transaction adds at the same moment cannot be selected here.
const CLAIM = `
  insert into request_keys (request_id, content_hash) values ($1, $2)
  on conflict (request_id) do update set content_hash = request_keys.content_hash
  returning content_hash, answer, xmax = 0 as is_new`;
const SETTLE = `
  update request_keys set answer = $2 where request_id = $1 and answer is null`;
const FREE = 'delete from request_keys where request_id = $1 and answer is null';

/**
 * Has a request that brings an `Idempotency-Key` hold once: the same body is answered as before, another one is refused.
 * For what neither a stream nor the ledger recognises by itself.
 */
export class RequestKeys {
  constructor(private readonly database: Pick<Database, 'query'>) {}

  /**
   * Runs `work` unless its answer is known. A refusal spends no key. Where the outcome is unknown, and where `isFinal` says
   * that a part is to be sent again, the key stays bound to the body and the same request runs again.
   */
  async once<Body>(
    { id, contentHash }: Cause,
    work: () => Promise<Answer<Body>>,
    isFinal: (body: Body) => boolean = () => true,
  ): Promise<Answer<Body>> {
    const [claimed] = await this.database.query<Claimed>(CLAIM, [id, contentHash], 'claim-key');
    const { content_hash: before, answer: known, is_new: isNew } = claimed!;
    if (before !== contentHash) throw keyReused();
    if (known !== null) return known;
    const answer = await work().catch(async (error: unknown) => {
      if (isNew && error instanceof ProblemException) await this.database.query(FREE, [id]);
      throw error;
    });
    if (isFinal(answer.body))
      await this.database.query(SETTLE, [id, JSON.stringify(answer)], 'settle-key');
    return answer;
  }
}

@Injectable()
class OncePerKeyInterceptor implements NestInterceptor {
  constructor(@Inject(REQUEST_KEYS) private readonly keys: RequestKeys) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const cause = keyedCauseOf(http.getRequest<AuthenticatedRequest>());
    return cause ? from(this.#once(cause, next, http.getResponse<FastifyReply>())) : next.handle();
  }

  async #once(cause: Cause, next: CallHandler, reply: FastifyReply): Promise<unknown> {
    const answer = await this.keys.once(cause, async () => {
      const body: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      const token = reply.getHeader('Consistency-Token') as string | undefined;
      return { status: reply.statusCode, body, ...(token !== undefined && { token }) };
    });
    void reply.status(answer.status);
    if (answer.token !== undefined) void reply.header('Consistency-Token', answer.token);
    return answer.body;
  }
}

/** `OncePerKey` for the kit's own routes, which are made for one service each. */
export const oncePerKeyIn = (database: Database) =>
  UseInterceptors(new OncePerKeyInterceptor(new RequestKeys(database)));

/** For writes whose rules do not look for the request's cause. Without the header it costs nothing. */
export const OncePerKey = () => UseInterceptors(OncePerKeyInterceptor);
