import { SERVICE_NAMES, type ServiceName } from '@throughline/kernel';
import type { ServiceDefinition } from '@throughline/service-kit';

const isDefinitionOf = (name: ServiceName, exported: unknown): exported is ServiceDefinition =>
  (exported as Partial<ServiceDefinition> | null)?.name === name;

/** What the package of a service exports under its name. Loaded by name, so that the list is the one place to change. */
const definitionOf = async (name: ServiceName): Promise<ServiceDefinition> => {
  const exports = Object.values((await import(`@throughline/${name}`)) as object);
  const definition = exports.find((one): one is ServiceDefinition => isDefinitionOf(name, one));
  if (!definition) throw new Error(`@throughline/${name} exports no service of that name`);
  return definition;
};

/** Every service that there is; `npm start` runs them all in one process. */
export const SERVICES: readonly ServiceDefinition[] = await Promise.all(
  SERVICE_NAMES.map(definitionOf),
);
