import fc from 'fast-check';
import { labelled } from './domain/shipment.fixtures.js';
import { zplLabelOf } from './label.js';

describe('the ZPL label', () => {
  it('is 4 x 6 inches with address, order and barcode', () =>
    expect(zplLabelOf(labelled.data)).toBe(`^XA
^CI28
^PW812
^LL1218
^LH0,0
^FO40,40^A0N,56,56^FH_^FDthroughline-post^FS
^FO40,108^A0N,40,40^FH_^FDstandard^FS
^FO40,164^GB732,3,3^FS
^FO40,184^A0N,28,28^FH_^FDShip to^FS
^FO40,224^A0N,34,34^FH_^FDAda Lovelace^FS
^FO40,264^A0N,34,34^FH_^FD12 St James's Square^FS
^FO40,304^A0N,34,34^FH_^FDLondon SW1Y 4JH^FS
^FO40,344^A0N,34,34^FH_^FDGB^FS
^FO40,764^GB732,3,3^FS
^FO40,784^A0N,36,36^FH_^FDOrder A-1^FS
^FO40,830^A0N,20,20^FH_^FDPackage box-1, 850 g^FS
^FO155,890^BY3^BCN,200,Y,N,N,A^FDTL212703360702217739^FS
^XZ
`));

  it('never lets an address command the printer', () => {
    const { personal } = labelled.data.shipTo;
    const shipTo = {
      ...labelled.data.shipTo,
      personal: { ...personal, name: '^XZ~JR_5E\nZoë', lines: ['x'.repeat(100)] },
    };
    const rows = zplLabelOf({ ...labelled.data, shipTo, weightGrams: null }).split('\n');
    expect(rows[9]).toBe('^FO40,224^A0N,34,34^FH_^FD_5EXZ_7EJR_5F5E Zoë^FS');
    expect(rows[10]).toBe(`^FO40,264^A0N,34,34^FH_^FD${'x'.repeat(42)}^FS`);
    expect(rows[12]).toBe(`^FO40,344^A0N,34,34^FH_^FD${'x'.repeat(16)}^FS`);
    expect(rows).toContain('^FO40,830^A0N,20,20^FH_^FDPackage box-1^FS');
  });

  it('has room for ten lines', () => {
    const { personal } = labelled.data.shipTo;
    const lines = Array.from({ length: 10 }, (_, index) => `line ${index}`);
    const shipTo = { ...labelled.data.shipTo, personal: { ...personal, lines } };
    expect(zplLabelOf({ ...labelled.data, shipTo })).toContain('^FO40,704^A0N,34,34^FH_^FDGB^FS');
  });

  /** What a label prints, in order and without commands, with the top edge of each row. */
  const printed = (zpl: string) =>
    zpl.split('\n').flatMap((row) => {
      const [, top, content] = /^\^FO\d+,(\d+)\^A0N.*\^FD(.*)\^FS$/.exec(row) ?? [];
      return top === undefined ? [] : [{ top: Number(top), content: content! }];
    });
  const word = fc.stringMatching(/^[a-zA-Z0-9äß'-]{1,70}$/);
  const words = (max: number) =>
    fc.array(word, { minLength: 1, maxLength: max }).map((all) => all.join(' ').slice(0, 500));

  it('prints every address that the edge accepts in full, within its edges', () =>
    fc.assert(
      fc.property(
        fc.record({
          name: words(40),
          lines: fc.array(words(40), { minLength: 1, maxLength: 10 }),
          city: words(40),
          region: fc.option(words(40)),
          packageId: fc.string({
            unit: fc.constantFrom(...'abc-09'),
            minLength: 1,
            maxLength: 100,
          }),
        }),
        ({ name, lines, city, region, packageId }) => {
          const personal = { ...labelled.data.shipTo.personal, name, lines };
          const shipTo = { ...labelled.data.shipTo, personal, city, region };
          const zpl = zplLabelOf({ ...labelled.data, shipTo, packageId });
          const rows = printed(zpl);
          for (const { top } of rows) expect(top).toBeLessThan(1_218);
          const joined = (contents: readonly string[]) => contents.join('').replaceAll(/\s/g, '');
          expect(joined(rows.map(({ content }) => content))).toContain(`Package${packageId}`);
          // The end of an address stays on the first label; its other rows go on with the next ones.
          const [first = [], ...more] = zpl
            .split('^XZ\n')
            .map((one) => printed(one).filter(({ top }) => top >= 224))
            .map((page, index) => page.filter(({ top }) => index > 0 || top < 764))
            .map((page) => page.map(({ content }) => content));
          const end = first.slice(-2);
          expect(end.join('\n')).toMatch(/SW1Y 4JH\nGB$/);
          const begun = first.slice(0, -2).filter((row) => row !== '(continued on the next label)');
          expect(joined([...begun, ...more.flat(), ...end])).toBe(
            joined([name, ...lines, city, region ?? '', 'SW1Y 4JHGB']),
          );
        },
      ),
      {
        // An end of one row on a first label that is full.
        examples: [
          [
            {
              name: 'Ada',
              lines: Array.from({ length: 10 }, () => 'x '.repeat(100).trim()),
              city: '-',
              region: null,
              packageId: 'a',
            },
          ],
        ],
      },
    ));
});
