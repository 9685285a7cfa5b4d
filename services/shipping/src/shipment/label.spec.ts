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
^FO40,830^A0N,28,28^FH_^FDPackage box-1, 850 g^FS
^FO155,890^BY3^BCN,200,Y,N,N,A^FDTL212703360702217739^FS
^XZ
`));

  it('never lets an address command the printer, or run off the label', () => {
    const { personal } = labelled.data.shipTo;
    const shipTo = {
      ...labelled.data.shipTo,
      personal: { ...personal, name: '^XZ~JR_5E\nZoë', lines: ['x'.repeat(100)] },
    };
    const rows = zplLabelOf({ ...labelled.data, shipTo, weightGrams: null }).split('\n');
    expect(rows[9]).toBe('^FO40,224^A0N,34,34^FH_^FD_5EXZ_7EJR_5F5E Zoë^FS');
    expect(rows[10]).toBe(`^FO40,264^A0N,34,34^FH_^FD${'x'.repeat(42)}^FS`);
    expect(rows[15]).toBe('^FO40,830^A0N,28,28^FH_^FDPackage box-1^FS');
  });

  it('has room for the longest address', () => {
    const { personal } = labelled.data.shipTo;
    const lines = Array.from({ length: 10 }, (_, index) => `line ${index}`);
    const shipTo = { ...labelled.data.shipTo, personal: { ...personal, lines } };
    expect(zplLabelOf({ ...labelled.data, shipTo })).toContain('^FO40,704^A0N,34,34^FH_^FDGB^FS');
  });
});
