// Makes tables/areas.csv from GeoNames postal centroids: node build-areas.mjs <postal_centroids.csv[.gz]>
// Input columns: country, postal_code, admin1_code, lat, lng, accuracy. Same input, same output.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Characters of the code that an area is made of; elsewhere `PREFIX_LENGTH`. The source has GB and CA by area already. */
const WHOLE = 10;
const LENGTHS = { GB: WHOLE, CA: WHOLE, US: 3 };
const PREFIX_LENGTH = 3;
/** A country with more areas than this is cut one character shorter, to keep the file small. */
const AREAS_MAX = 460;
const DECIMALS = 2;

const [source] = process.argv.slice(2);
if (!source) throw new Error('Say where postal_centroids.csv or .csv.gz is');

const keyOf = (country, code) => {
  const plain = code
    .toUpperCase()
    .replace(/CEDEX.*$/, '')
    .replace(/[^A-Z0-9]/g, '');
  if (country === 'LU') return plain.replace(/^L/, '');
  // LV-1001, AD100: some countries repeat themselves in the code.
  return /^[A-Z]{2}\d/.test(plain) && plain.startsWith(country) ? plain.slice(2) : plain;
};

const add = (sums, key, lat, lng) => {
  const sum = sums.get(key) ?? { lat: 0, lng: 0, count: 0 };
  sums.set(key, { lat: sum.lat + lat, lng: sum.lng + lng, count: sum.count + 1 });
};
const rounded = (sum, count) => String(Number((sum / count).toFixed(DECIMALS)));

const bytes = readFileSync(source);
const text = (source.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
const byCountry = new Map();
for (const line of text.trim().split(/\r?\n/).slice(1)) {
  const [country, code, , lat, lng] = line.split(',');
  if (!byCountry.has(country)) byCountry.set(country, []);
  byCountry.get(country).push({ key: keyOf(country, code), lat: Number(lat), lng: Number(lng) });
}

const areasOf = (places, length) => {
  const areas = new Map();
  for (const { key, lat, lng } of places) add(areas, key.slice(0, length), lat, lng);
  return areas;
};

const rows = [];
for (const [country, places] of [...byCountry].sort(([a], [b]) => (a < b ? -1 : 1))) {
  // The empty prefix is the country as a whole.
  const areas = areasOf(places, 0);
  const fixed = LENGTHS[country];
  let prefixes = areasOf(places, fixed ?? PREFIX_LENGTH);
  if (!fixed && prefixes.size > AREAS_MAX) prefixes = areasOf(places, PREFIX_LENGTH - 1);
  for (const [key, sum] of prefixes) areas.set(key, sum);
  for (const [key, { lat, lng, count }] of [...areas].sort(([a], [b]) => (a < b ? -1 : 1)))
    rows.push([country, key, rounded(lat, count), rounded(lng, count)].join());
}
const target = join(import.meta.dirname, '../tables/areas.csv');
writeFileSync(target, `country,prefix,lat,lng\n${rows.join('\n')}\n`);
console.log(`${rows.length} areas of ${byCountry.size} countries`);
