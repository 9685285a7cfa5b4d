import type { Location } from './locations.js';

export const location = (id: string, type = 'warehouse'): Location => ({
  id,
  type,
  name: id,
  address: { lines: [], city: null, region: null, postalCode: 'NN11', country: 'GB' },
});
