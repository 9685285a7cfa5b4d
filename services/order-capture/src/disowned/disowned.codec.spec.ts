import { goldenSuite } from '@throughline/testing';
import { disownedCodec } from './disowned.codec.js';

describe('stored events of orders that were disowned', () =>
  goldenSuite(new URL('golden/', import.meta.url), disownedCodec));
