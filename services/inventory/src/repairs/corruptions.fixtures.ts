import { CLAIM_CORRUPTIONS } from './claim-corruptions.fixtures.js';
import type { Corruption } from './corruption.fixtures.js';
import { SHELF_CORRUPTIONS } from './shelf-corruptions.fixtures.js';
import { SUPPLY_CORRUPTIONS } from './supply-corruptions.fixtures.js';

export const CORRUPTIONS: readonly Corruption[] = [
  ...SHELF_CORRUPTIONS,
  ...CLAIM_CORRUPTIONS,
  ...SUPPLY_CORRUPTIONS,
];
