import type { Rule } from '../manifest.js';
import { followsSchema } from '../schema.js';
import { isClosedByDefault, isObserved, reachesNoMore, reachesWhatItCalls } from './network.js';
import {
  hasNoToken,
  hasOwnNamespace,
  hasResources,
  isPinned,
  isProbed,
  isRestricted,
  keepsSecretsApart,
  rollsGracefully,
} from './pods.js';
import { scalesSoundly, survivesDrains } from './scaling.js';
import {
  deploysServices,
  gatewayFindsServices,
  isTold,
  referencesExist,
  selectorsMatch,
  type Expected,
} from './wiring.js';

/** All rules, by the name under which a test reports them. */
export const rulesFor = (expected: readonly Expected[]) =>
  ({
    followsSchema,
    hasResources,
    isProbed,
    isRestricted,
    isPinned,
    hasNoToken,
    keepsSecretsApart,
    rollsGracefully,
    hasOwnNamespace,
    survivesDrains,
    scalesSoundly,
    selectorsMatch,
    referencesExist,
    deploysServices: deploysServices(expected),
    isTold,
    gatewayFindsServices: gatewayFindsServices(expected),
    isClosedByDefault,
    reachesWhatItCalls,
    reachesNoMore,
    isObserved,
  }) satisfies Record<string, Rule>;
