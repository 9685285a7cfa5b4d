import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { JsonError, parseJson } from '@throughline/kernel';
import type { FastifyRequest } from 'fastify';
import { invalidRequest, ProblemException } from './problem.js';

const JSON_TYPE = 'application/json';
/** Types of files that some route takes. */
export const FILE_TYPES = ['text/csv'] as const;
export type FileType = (typeof FILE_TYPES)[number];
export type FileRoute = { readonly file?: FileType };

/**
 * Takes JSON everywhere, and files on the routes that take them; what is neither is refused by name. A request that says that it
 * brings JSON but brings nothing is one without a body.
 */
export const takeBodies = (app: NestFastifyApplication): void => {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>(JSON_TYPE, { parseAs: 'buffer' }, (request, bytes, done) => {
    const refusal = refusalOf(request);
    if (refusal) return done(refusal);
    if (bytes.length === 0) return done(null, undefined);
    const read = readJson(bytes);
    if (read instanceof ProblemException) done(read);
    else done(null, read);
  });
  for (const type of FILE_TYPES)
    fastify.addContentTypeParser(type, (request, payload, done) => {
      const refusal = typeOf(request) === type ? refusalOf(request) : unsupportedMediaType(request);
      if (refusal) done(refusal);
      else done(null, payload);
    });
};

const typeOf = ({ routeOptions }: FastifyRequest): string =>
  (routeOptions.config as FileRoute).file ?? JSON_TYPE;

/** 415: the route takes another type of body. */
export const unsupportedMediaType = (request: FastifyRequest): ProblemException =>
  unsupported(request, `Send ${typeOf(request)}, and say so in Content-Type`);

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i;

/** Bytes in any other form would be read as something else. */
const refusalOf = (request: FastifyRequest): ProblemException | undefined => {
  const { 'content-type': type = '', 'content-encoding': encoding } = request.headers;
  const [, charset = 'utf-8'] = CHARSET.exec(type) ?? [];
  if (!/^utf-?8$|^us-ascii$/i.test(charset)) return notRead(request, `charset ${charset}`);
  if (encoding !== undefined && encoding !== 'identity')
    return notRead(request, `Content-Encoding ${encoding}`);
  return undefined;
};

const notRead = (request: FastifyRequest, what: string): ProblemException =>
  unsupported(request, `Send the body in UTF-8 as it is; ${what} is not read`);

const unsupported = (request: FastifyRequest, title: string): ProblemException =>
  new ProblemException({
    code: 'unsupported-media-type',
    title,
    status: 415,
    accepted: [typeOf(request)],
  });

const readJson = (bytes: Buffer): unknown => {
  try {
    return parseJson(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const { code, field, message } = error;
    if (code === 'json' || code === 'utf-8')
      return new ProblemException({
        code: 'bad-request',
        title: `The body ${message}`,
        status: 400,
      });
    return invalidRequest([{ field, code, message }]);
  }
};
