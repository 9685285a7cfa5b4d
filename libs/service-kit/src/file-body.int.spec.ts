import { request as send, type IncomingHttpHeaders } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Quantity } from '@throughline/contracts';
import { freshDatabaseUrl, until } from '@throughline/testing';
import {
  BODY_BYTES_MAX,
  createLogger,
  defineService,
  EVERY_ACTION,
  FILE_BYTES_MAX,
  FileBody,
  Host,
  NeedsAnyKey,
  notFound,
  TakesFile,
  valid,
  type FileParts,
} from './index.js';

class FilesBody {
  @Quantity() count!: number;
}

/** What befell the files that the routes read. */
let told: unknown[] = [];
let isBegun = false;

@Controller('v1/files')
class FilesController {
  /** Counts the bytes. */
  @Post()
  @NeedsAnyKey()
  @HttpCode(200)
  @TakesFile('text/csv')
  async take(@FileBody() parts: FileParts): Promise<{ bytes: number }> {
    let bytes = 0;
    try {
      for await (const part of parts) {
        bytes += part.length;
        isBegun = true;
      }
    } catch (error) {
      told.push(error);
      throw error;
    }
    return { bytes };
  }

  /** Has seen enough after the first piece. */
  @Post('refused')
  @NeedsAnyKey()
  @TakesFile('text/csv')
  async refuse(@FileBody() parts: FileParts): Promise<void> {
    for await (const part of parts) throw notFound('file', `of ${part.length > 0}`);
  }

  @Post('json')
  @NeedsAnyKey()
  json(@Body(valid(FilesBody)) body: FilesBody): FilesBody {
    return body;
  }
}

const files = defineService({
  name: 'files',
  schema: 'files',
  paths: ['/v1/files'],
  publishers: [],
  build: () => ({
    module: { module: class FilesModule {}, controllers: [FilesController] },
    consumers: [],
    projections: [],
  }),
});

let host: Host;
let port: number;
beforeAll(async () => {
  host = await Host.create({
    definitions: [files],
    connectionString: await freshDatabaseUrl(),
    logger: createLogger('silent'),
    authenticate: async () => ({ id: 't', name: 't', actions: EVERY_ACTION }),
  });
  await host.listen(0, '127.0.0.1');
  port = (host.app.getHttpServer().address() as AddressInfo).port;
});
afterAll(() => host.stop());
beforeEach(() => {
  told = [];
  isBegun = false;
});

type Sent = { readonly status: number | undefined; readonly body: ReturnType<typeof JSON.parse> };

const begin = (path: string, headers: IncomingHttpHeaders = {}) => {
  const given = { authorization: 'Bearer t', 'content-type': 'text/csv', ...headers };
  const request = send({ port, path, method: 'POST', headers: given });
  const answer = new Promise<Sent>((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      let text = '';
      response.on('data', (part) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
    });
  });
  return { request, answer };
};

/** Sends so many bytes as they are taken, without saying beforehand how many, until it is answered. */
const post = async (path: string, bytes: number, headers?: IncomingHttpHeaders): Promise<Sent> => {
  const { request, answer } = begin(path, headers);
  request.on('error', () => undefined);
  const piece = Buffer.alloc(64 * 1024, 'x');
  let left = bytes;
  const goOn = (): void => {
    while (left > 0 && !request.destroyed) {
      const isTaken = request.write(piece.subarray(0, left));
      left -= piece.length;
      if (!isTaken) return;
    }
    request.end();
  };
  request.on('drain', goOn);
  goOn();
  const sent = await answer;
  request.destroy();
  return sent;
};

describe('a route that takes files', () => {
  it('reads more than other bodies may have', async () => {
    const bytes = 3 * BODY_BYTES_MAX;
    expect(await post('/v1/files', bytes)).toEqual({ status: 200, body: { bytes } });
  });

  it('takes the largest file, and refuses a larger one so that its sender hears it', async () => {
    expect((await post('/v1/files', FILE_BYTES_MAX)).status).toBe(200);
    const { status, body } = await post('/v1/files', FILE_BYTES_MAX + 1);
    expect([status, body.code]).toEqual([413, 'payload-too-large']);
  });

  it('refuses a file that says that it is too large before it comes', async () => {
    const { request, answer } = begin('/v1/files', { 'content-length': `${FILE_BYTES_MAX + 1}` });
    request.flushHeaders();
    expect((await answer).status).toBe(413);
    request.destroy();
  });

  it('is heard by a sender who is not done when it has seen enough', async () => {
    const { status, body } = await post('/v1/files/refused', 16 * BODY_BYTES_MAX);
    expect([status, body.title]).toEqual([404, 'There is no file of true']);
  });

  it('reads on no further than a file may be', async () => {
    const socket = connect(port, '127.0.0.1');
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    const answer = new Promise<string>((resolve) =>
      socket.once('data', (part) => resolve(`${part}`)),
    );
    const headers = [
      'POST /v1/files/refused HTTP/1.1',
      'host: x',
      'authorization: Bearer t',
      'content-type: text/csv',
      'transfer-encoding: chunked',
    ];
    socket.write(`${headers.join('\r\n')}\r\n\r\n`);
    const bytes = 1024 * 1024;
    const piece = `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`;
    const goOn = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', goOn);
    goOn();
    expect(await answer).toMatch(/^HTTP\/1.1 404 /);
    await ended;
  });

  it('learns that a file broke off', async () => {
    const { request, answer } = begin('/v1/files');
    const broken = expect(answer).rejects.toThrow();
    request.write('sku');
    await until(() => isBegun);
    request.destroy();
    await broken;
    expect(await until(() => told[0], { what: 'the end' })).toMatchObject({
      name: 'TransientError',
      message: 'The file broke off',
    });
  });

  it.each([
    ['JSON', { 'content-type': 'application/json' }, '{"count":1}'],
    ['nothing', { 'content-type': undefined }, undefined],
  ])('refuses %s', async (_, headers, payload) => {
    const answer = await host.app.inject({
      method: 'POST',
      url: '/v1/files',
      headers: { authorization: 'Bearer t', ...headers },
      ...(payload && { payload }),
    });
    expect([answer.statusCode, answer.json().code]).toEqual([415, 'unsupported-media-type']);
  });

  it('asks for a key as every other', async () => {
    const { status } = await post('/v1/files', BODY_BYTES_MAX, { authorization: '' });
    expect(status).toBe(401);
  });
});

describe('every other route', () => {
  it('takes no file, and no larger body than before', async () => {
    const asFile = await post('/v1/files/json', 100);
    expect([asFile.status, asFile.body.code]).toEqual([415, 'unsupported-media-type']);
    const large = await post('/v1/files/json', BODY_BYTES_MAX + 1, {
      'content-type': 'application/json',
    });
    expect([large.status, large.body.code]).toEqual([413, 'payload-too-large']);
  });

  it('is described apart from those that take files', async () => {
    const { paths } = (await host.app.inject('/openapi.json')).json();
    const bodyOf = (path: string) => Object.keys(paths[path].post.requestBody.content);
    expect(bodyOf('/v1/files')).toEqual(['text/csv']);
    expect(bodyOf('/v1/files/json')).toEqual(['application/json']);
  });
});
