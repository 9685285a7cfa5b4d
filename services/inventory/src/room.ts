import type { Provider, Type } from '@nestjs/common';
import type { ServiceParts } from '@throughline/service-kit';

/** What one folder gives to the service. */
export type Room = {
  readonly controllers: readonly Type[];
  readonly providers: readonly Provider[];
  readonly consumers?: ServiceParts['consumers'];
  readonly tasks?: NonNullable<ServiceParts['tasks']>;
};
