import { connect, createServer, type Socket } from 'node:net';

export type FaultyNetwork = {
  readonly connectionString: string;
  /** From now on nothing comes through, and nobody is told. */
  freeze(): void;
  /** Ends every connection at once, and those that are tried from now on. */
  refuse(): void;
  /** Lets everything through again; what had been frozen stays lost. */
  heal(): void;
  /** Ends every connection at once. */
  cut(): void;
  /** Connections made so far. */
  made(): number;
  stop(): Promise<void>;
};

/** A network between a client and Postgres that fails as the test says. */
export const faultyNetwork = async (connectionString: string): Promise<FaultyNetwork> => {
  const url = new URL(connectionString);
  const target = { host: url.hostname, port: Number(url.port) };
  const sockets = new Set<Socket>();
  let isFrozen = false;
  let isRefusing = false;
  let made = 0;
  const join = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('data', (chunk) => {
      if (!isFrozen) to.write(chunk);
    });
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    from.on('error', () => undefined);
  };
  const server = createServer((client) => {
    made += 1;
    if (isRefusing) {
      client.on('error', () => undefined).destroy();
      return;
    }
    const postgres = connect(target);
    join(client, postgres);
    join(postgres, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
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
    heal: () => {
      isFrozen = false;
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
