import { rmSync } from 'node:fs';

export default async () => {
  const { server, kafka, folder } = globalThis.throughlineTest;
  await kafka.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
};
