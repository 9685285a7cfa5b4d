import type { Readable } from 'node:stream';
import {
  applyDecorators,
  createParamDecorator,
  SetMetadata,
  type ExecutionContext,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import { TransientError } from '@throughline/kernel';
import type { FastifyRequest } from 'fastify';
import { unsupportedMediaType, type FileRoute, type FileType } from './bodies.js';
import { ProblemException } from './problem.js';

/** The largest file that a route takes. */
export const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** A file may come over a slow line, so that it has longer than other requests. */
export const FILE_DEADLINE_MS = 5 * 60_000;

export const TAKES_FILE = 'throughline:takes-file';

/** A route whose body is a file of such a type, read as it comes (`@FileBody()`). No other route takes it. */
export const TakesFile = (type: FileType): MethodDecorator =>
  applyDecorators(
    SetMetadata(TAKES_FILE, true),
    RouteConfig({ file: type } satisfies FileRoute),
    ApiConsumes(type),
    ApiBody({ schema: { type: 'string', format: 'binary' } }),
  );

export type FileParts = AsyncIterable<Uint8Array>;

/**
 * The file that a request brings, piece by piece. Reading it throws the refusal of one that is too large, and
 * `TransientError` where it breaks off.
 */
export const FileBody = createParamDecorator((_: unknown, context: ExecutionContext): FileParts => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const { body, headers } = request;
  if (!isStream(body)) throw unsupportedMediaType(request);
  if (Number(headers['content-length']) > FILE_BYTES_MAX) throw tooLarge();
  return partsOf(body);
});

const isStream = (body: unknown): body is Readable =>
  typeof (body as Readable | undefined)?.iterator === 'function';

const tooLarge = (): ProblemException =>
  new ProblemException({
    code: 'payload-too-large',
    title: `A file may have up to ${FILE_BYTES_MAX / 1024 / 1024} MiB`,
    status: 413,
  });

async function* partsOf(source: Readable): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const part of source.iterator({ destroyOnReturn: false })) {
      bytes += (part as Uint8Array).length;
      if (bytes > FILE_BYTES_MAX) throw tooLarge();
      yield part as Uint8Array;
    }
  } catch (error) {
    if (error instanceof ProblemException) throw error;
    throw new TransientError('The file broke off', { cause: error });
  } finally {
    discard(source, FILE_BYTES_MAX - bytes);
  }
}

/** Who still sends hears the answer only when somebody reads on; for ever, nobody does. */
const discard = (source: Readable, bytesMax: number): void => {
  let bytes = 0;
  source.on('error', () => undefined);
  source.on('data', (part: Uint8Array) => {
    bytes += part.length;
    if (bytes > bytesMax) source.destroy();
  });
  source.resume();
};
