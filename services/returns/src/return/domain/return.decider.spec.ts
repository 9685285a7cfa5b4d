import { deciderSpec, run } from '@throughline/testing';
import fc from 'fast-check';
import type { ReturnCommand } from './return.js';
import { orderReturns } from './return.decider.js';
import {
  approve,
  approved,
  bringToOrigin,
  claimVoided,
  covered,
  deliver,
  delivered,
  goods,
  inspect,
  inspected,
  judged,
  judgedGoods,
  originOpened,
  receive,
  received,
  request,
  requested,
  units,
  writeOff,
  writtenOff,
} from './return.fixtures.js';

const given = deciderSpec(orderReturns);

describe('delivery', () => {
  it('is recorded', () =>
    given()
      .when(deliver('s1', goods('a', 2)))
      .thenEvents(delivered('s1', goods('a', 2))));

  it('of a parcel counts once', () =>
    given(delivered('s1', goods('a', 2)))
      .when(deliver('s1', goods('a', 2)))
      .thenNothing());

  it('of a parcel that came back does not count', () =>
    given(originOpened('o1.1', 's1', goods('a', 2)))
      .when(deliver('s1', goods('a', 2)))
      .thenNothing());
});

describe('a request', () => {
  const sent = delivered('s1', goods('a', 3), goods('b', 1));

  it('claims delivered units', () =>
    given(sent)
      .when(request(units('a', 2)))
      .thenEvents(requested('o1.1', goods('a', 2))));

  it('is numbered after the returns before it', () =>
    given(sent, requested('o1.1', goods('a', 1)), originOpened('o1.2', 's2', goods('c', 1)))
      .when(request(units('b', 1)))
      .thenEvents(requested('o1.3', goods('b', 1))));

  it('sums a line that is named twice', () => {
    given(sent)
      .when(request(units('a', 1), units('a', 2)))
      .thenEvents(requested('o1.1', goods('a', 3)));
    given(sent)
      .when(request(units('a', 2), units('a', 2)))
      .thenRejected({
        code: 'not-returnable',
        lines: [{ lineId: 'a', requested: 4, returnable: 3 }],
      });
  });

  it('is refused for more than was delivered and is not claimed yet', () =>
    given(sent, requested('o1.1', goods('a', 2)))
      .when(request(units('a', 2), units('b', 1), units('x', 1)))
      .thenRejected({
        code: 'not-returnable',
        lines: [
          { lineId: 'a', requested: 2, returnable: 1 },
          { lineId: 'x', requested: 1, returnable: 0 },
        ],
      }));

  it('is refused while nothing of the order was delivered', () =>
    given()
      .when(request(units('a', 1)))
      .thenRejected({ code: 'nothing-delivered', orderId: 'o1' }));
});

describe('a parcel that comes back', () => {
  it('opens an approved return', () => {
    given()
      .when(bringToOrigin('s1', goods('a', 2)))
      .thenEvents(originOpened('o1.1', 's1', goods('a', 2)));
    given(originOpened('o1.1', 's1', goods('a', 2)))
      .when(receive('o1.1'))
      .thenEvents(received('o1.1', [goods('a', 2)], 'W1', 'return-to-origin'));
  });

  it('opens no second one', () =>
    given(originOpened('o1.1', 's1', goods('a', 2)))
      .when(bringToOrigin('s1', goods('a', 2)))
      .thenNothing());

  it('can no longer be returned by the customer, even if it was called delivered', () =>
    given(delivered('s1', goods('a', 2)), originOpened('o1.1', 's1', goods('a', 2)))
      .when(request(units('a', 1)))
      .thenRejected({
        code: 'not-returnable',
        lines: [{ lineId: 'a', requested: 1, returnable: 0 }],
      }));
});

describe('a parcel that comes back after it was called delivered', () => {
  const one = delivered('s1', goods('a', 2));
  const back = bringToOrigin('s1', goods('a', 2));
  const claim = [one, requested('o1.1', goods('a', 2))];

  it('voids the claims of its goods, which are not received or approved any more', () => {
    given(...claim)
      .when(back)
      .thenEvents(
        claimVoided('o1.1', 's1', goods('a', 2)),
        originOpened('o1.2', 's1', goods('a', 2)),
      );
    const after = [
      ...claim,
      approved('o1.1'),
      claimVoided('o1.1', 's1', goods('a', 2)),
      originOpened('o1.2', 's1', goods('a', 2)),
    ];
    for (const command of [receive('o1.1'), approve('o1.1'), inspect('o1.1')])
      given(...after)
        .when(command)
        .thenRejected({ code: 'return-voided', returnId: 'o1.1' });
    given(...after)
      .when(receive('o1.2'))
      .thenEvents(received('o1.2', [goods('a', 2)], 'W1', 'return-to-origin'));
  });

  it('leaves the claims that other parcels account for, the oldest first', () =>
    given(
      one,
      delivered('s2', goods('a', 2)),
      requested('o1.1', goods('a', 1)),
      approved('o1.1'),
      requested('o1.2', goods('a', 2)),
    )
      .when(back)
      .thenEvents(
        claimVoided('o1.2', 's1', goods('a', 1)),
        originOpened('o1.3', 's1', goods('a', 2)),
      ));

  it('refuses a receipt of what was voided of a claim', () =>
    given(
      one,
      delivered('s2', goods('a', 1)),
      requested('o1.1', goods('a', 3)),
      approved('o1.1'),
      claimVoided('o1.1', 's1', goods('a', 2)),
      originOpened('o1.2', 's1', goods('a', 2)),
    )
      .when(receive('o1.1', [units('a', 2)]))
      .thenRejected({ code: 'over-receipt', lines: [{ lineId: 'a', requested: 2, open: 1 }] }));

  it('brings nothing that the customer has brought before', () => {
    const came = [...claim, approved('o1.1'), received('o1.1', [goods('a', 1)])];
    given(...came)
      .when(back)
      .thenEvents(
        claimVoided('o1.1', 's1', goods('a', 1)),
        covered('s1', goods('a', 1)),
        originOpened('o1.2', 's1', goods('a', 1)),
      );
    given(...claim, approved('o1.1'), received('o1.1', [goods('a', 2)]))
      .when(back)
      .thenEvents(covered('s1', goods('a', 2)));
    given(
      ...claim,
      approved('o1.1'),
      received('o1.1', [goods('a', 2)]),
      covered('s1', goods('a', 2)),
    )
      .when(back)
      .thenNothing();
  });
});

describe('a lost parcel that was settled', () => {
  const settled = writtenOff('s1', goods('a', 2));

  it('is not returned for money when it turns up, in whichever order that is heard', () => {
    const refused = {
      code: 'not-returnable' as const,
      lines: [{ lineId: 'a', requested: 1, returnable: 0 }],
    };
    given(settled, delivered('s1', goods('a', 2)))
      .when(request(units('a', 1)))
      .thenRejected(refused);
    given(delivered('s1', goods('a', 2)), settled)
      .when(request(units('a', 1)))
      .thenRejected(refused);
  });

  it('voids the claims of what turned up', () =>
    given(delivered('s1', goods('a', 2)), requested('o1.1', goods('a', 1)))
      .when(writeOff('s1', goods('a', 2)))
      .thenEvents(claimVoided('o1.1', 's1', goods('a', 1)), settled));

  it('is expected as goods when its carrier brings it back', () =>
    given(settled)
      .when(bringToOrigin('s1', goods('a', 2)))
      .thenEvents(originOpened('o1.1', 's1', goods('a', 2))));

  it('leaves what was not settled of it', () =>
    given(writtenOff('s1', goods('a', 1)), delivered('s1', goods('a', 2)))
      .when(request(units('a', 1)))
      .thenEvents(requested('o1.1', goods('a', 1))));
});

describe('approval', () => {
  const asked = [delivered('s1', goods('a', 2)), requested('o1.1', goods('a', 2))];

  it('is given once', () => {
    given(...asked)
      .when(approve('o1.1'))
      .thenEvents(approved('o1.1'));
    given(...asked, approved('o1.1'))
      .when(approve('o1.1'))
      .thenNothing();
  });

  it('is refused for a return that is not known', () =>
    given(...asked)
      .when(approve('o1.2'))
      .thenRejected({ code: 'return-unknown', returnId: 'o1.2' }));
});

describe('receipt', () => {
  const asked = [
    delivered('s1', goods('a', 3), goods('b', 1)),
    requested('o1.1', goods('a', 3), goods('b', 1)),
  ];
  const open = [...asked, approved('o1.1')];

  it('waits for approval', () =>
    given(...asked)
      .when(receive('o1.1'))
      .thenRejected({ code: 'not-approved', returnId: 'o1.1' }));

  it('takes what it names, and later the rest', () => {
    given(...open)
      .when(receive('o1.1', [units('a', 1), units('a', 1)]))
      .thenEvents(received('o1.1', [goods('a', 2)]));
    given(...open, received('o1.1', [goods('a', 2)]))
      .when(receive('o1.1'))
      .thenEvents(received('o1.1', [goods('a', 1), goods('b', 1)]));
  });

  it('of all when all is there does nothing', () =>
    given(...open, received('o1.1', [goods('a', 3), goods('b', 1)]))
      .when(receive('o1.1'))
      .thenNothing());

  it('is refused for more than is expected', () =>
    given(...open, received('o1.1', [goods('a', 2)]))
      .when(receive('o1.1', [units('a', 2), units('b', 1)]))
      .thenRejected({ code: 'over-receipt', lines: [{ lineId: 'a', requested: 2, open: 1 }] }));
});

describe('inspection', () => {
  const open = [
    delivered('s1', goods('a', 3), goods('b', 1)),
    requested('o1.1', goods('a', 3), goods('b', 1)),
    approved('o1.1'),
  ];
  const here = [...open, received('o1.1', [goods('a', 3), goods('b', 1)])];

  it('puts everything back to stock unless told otherwise', () =>
    given(...here)
      .when(inspect('o1.1'))
      .thenEvents(inspected('o1.1', [judgedGoods('a', 3), judgedGoods('b', 1)])));

  it('judges each unit once, with or without a refund', () => {
    given(...here)
      .when(
        inspect('o1.1', [judged('a', 1), judged('a', 1, 'write-off'), judged('a', 1)], {
          refund: false,
        }),
      )
      .thenEvents(
        inspected('o1.1', [judgedGoods('a', 2), judgedGoods('a', 1, 'write-off')], {
          refund: false,
        }),
      );
    given(...here, inspected('o1.1', [judgedGoods('a', 3)]))
      .when(inspect('o1.1', [judged('a', 1, 'donate'), judged('b', 1)]))
      .thenRejected({ code: 'over-inspection', lines: [{ lineId: 'a', requested: 1, open: 0 }] });
  });

  it('waits for the receipt', () =>
    given(...open)
      .when(inspect('o1.1'))
      .thenRejected({ code: 'not-received', returnId: 'o1.1' }));

  it('of all when all is inspected does nothing', () =>
    given(...here, inspected('o1.1', [judgedGoods('a', 3), judgedGoods('b', 1)]))
      .when(inspect('o1.1'))
      .thenNothing());

  it('of units when all is inspected is refused', () =>
    given(...here, inspected('o1.1', [judgedGoods('a', 3), judgedGoods('b', 1)]))
      .when(inspect('o1.1', [judged('a', 1)]))
      .thenRejected({ code: 'over-inspection', lines: [{ lineId: 'a', requested: 1, open: 0 }] }));

  describe('of goods in two places', () => {
    const apart = [
      ...open,
      received('o1.1', [goods('a', 2)], 'W1'),
      received('o1.1', [goods('a', 1), goods('b', 1)], 'W2'),
    ];

    it('happens at each of them', () =>
      given(...apart)
        .when(inspect('o1.1'))
        .thenEvents(
          inspected('o1.1', [judgedGoods('a', 2)], { locationId: 'W1' }),
          inspected('o1.1', [judgedGoods('a', 1), judgedGoods('b', 1)], { locationId: 'W2' }),
        ));

    it('needs the place of the units it names', () => {
      given(...apart)
        .when(inspect('o1.1', [judged('a', 1)]))
        .thenRejected({ code: 'location-needed', locationIds: ['W1', 'W2'] });
      given(...apart)
        .when(inspect('o1.1', [judged('a', 2)], { locationId: 'W2' }))
        .thenRejected({ code: 'over-inspection', lines: [{ lineId: 'a', requested: 2, open: 1 }] });
      given(...apart)
        .when(inspect('o1.1', [judged('a', 1)], { locationId: 'W2' }))
        .thenEvents(inspected('o1.1', [judgedGoods('a', 1)], { locationId: 'W2' }));
    });
  });
});

describe('units', () => {
  const lineId = fc.constantFrom('a', 'b');
  const returnId = fc.constantFrom('o1.1', 'o1.2', 'o1.3');
  const quantity = fc.integer({ min: 1, max: 4 });
  const place = fc.constantFrom('W1', 'W2');
  const parcel = fc.constantFrom('s1', 's2', 's3');
  const command: fc.Arbitrary<ReturnCommand> = fc.oneof(
    fc.tuple(parcel, lineId, quantity).map(([id, line, n]) => deliver(id, goods(line, n))),
    fc.tuple(parcel, lineId, quantity).map(([id, line, n]) => bringToOrigin(id, goods(line, n))),
    fc.tuple(lineId, quantity).map(([line, n]) => request(units(line, n))),
    returnId.map(approve),
    fc
      .tuple(returnId, lineId, quantity, place)
      .map(([id, line, n, at]) => receive(id, [units(line, n)], at)),
    fc.tuple(returnId, place).map(([id, at]) => receive(id, null, at)),
    fc
      .tuple(returnId, lineId, quantity, place)
      .map(([id, line, n, locationId]) => inspect(id, [judged(line, n)], { locationId })),
    returnId.map((id) => inspect(id)),
  );

  it('are never claimed beyond delivery, received beyond the claim or inspected twice', () =>
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const { delivered: lines, returns } = run(orderReturns, [], commands);
        for (const { quantity: arrived, claimed } of lines.values())
          expect(claimed).toBeLessThanOrEqual(arrived);
        for (const { lines: own, waiting } of returns.values())
          for (const [line, { claimed, received: came }] of own) {
            expect(came).toBeLessThanOrEqual(claimed);
            const open = [...waiting.values()].reduce((sum, at) => sum + (at.get(line) ?? 0), 0);
            expect(open).toBeGreaterThanOrEqual(0);
            expect(open).toBeLessThanOrEqual(came);
          }
      }),
      { numRuns: 300 },
    ));

  it('never come back more than once, by the customer and by their parcel together', () => {
    const content = new Map([
      ['s1', [goods('a', 2), goods('b', 1)]],
      ['s2', [goods('a', 1)]],
      ['s3', [goods('a', 1), goods('b', 3)]],
    ]);
    const steps = fc.oneof(
      command.filter(({ type }) => type !== 'RecordDelivery' && type !== 'OpenReturnToOrigin'),
      parcel.map((id) => deliver(id, ...content.get(id)!)),
      parcel.map((id) => bringToOrigin(id, ...content.get(id)!)),
      fc.tuple(parcel, quantity).map(([id, n]) => writeOff(id, goods('a', n))),
    );
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (commands) => {
        const { returns, deliveries, origins } = run(orderReturns, [], commands);
        const seen = new Set([...deliveries.keys(), ...origins]);
        for (const line of ['a', 'b']) {
          const sent = [...seen]
            .flatMap((id) => content.get(id)!)
            .reduce((sum, { lineId, quantity: n }) => sum + (lineId === line ? n : 0), 0);
          const came = [...returns.values()].reduce(
            (sum, { lines }) => sum + (lines.get(line)?.received ?? 0),
            0,
          );
          expect(came).toBeLessThanOrEqual(sent);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
