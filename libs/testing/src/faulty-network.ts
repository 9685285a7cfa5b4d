import { connect, createServer, type Socket } from 'node:net';

export type FaultyNetwork = {
  readonly connectionString: string;
  /** From now on nothing comes through, and nobody is told. */
  freeze(): void;
  /** Ends every connection at once, and those that are tried from now on. */
  refuse(): void;
  /** From now on what is sent arrives, and no answer comes back. */
  loseReplies(): void;
  /** Lets everything through again; what had been lost stays lost. */
  heal(): void;
  /** Ends every connection at once. */
  cut(): void;
  /** Connections made so far. */
  made(): number;
  stop(): Promise<void>;
};

/** A network between a client and a server that fails as the test says. `port` 0 takes a free one. */
export const faultyNetwork = async (
  connectionString: string,
  listenPort = 0,
): Promise<FaultyNetwork> => {
  const url = new URL(connectionString);
  const address = { host: url.hostname, port: Number(url.port) };
  const sockets = new Set<Socket>();
  let isFrozen = false;
  let isRefusing = false;
  let isLosingReplies = false;
  let made = 0;
  const join = (from: Socket, to: Socket, passes: () => boolean): void => {
    sockets.add(from);
    from.on('data', (chunk) => {
      if (passes()) to.write(chunk);
    });
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    from.on('error', () => undefined);
  };
  const server = createServer({ noDelay: true }, (client) => {
    made += 1;
    if (isRefusing) {
      client.on('error', () => undefined).destroy();
      return;
    }
    const target = connect({ ...address, noDelay: true });
    join(client, target, () => !isFrozen);
    join(target, client, () => !isFrozen && !isLosingReplies);
  });
  await new Promise<void>((resolve) => server.listen(listenPort, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  url.hostname = '127.0.0.1';
  url.port = `${port}`;
  return {
    connectionString: url.toString(),
    freeze: () => {
      isFrozen = true;
    },
    refuse: () => {
      isRefusing = true;
      cut();
    },
    loseReplies: () => {
      isLosingReplies = true;
    },
    heal: () => {
      isFrozen = false;
      isLosingReplies = false;
      isRefusing = false;
    },
    cut,
    made: () => made,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
};
