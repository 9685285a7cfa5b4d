import { rmSync } from 'node:fs';

export default async () => {
  const { server, folder } = globalThis.throughlineTest;
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
};
