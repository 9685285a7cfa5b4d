import { deciderSpec } from '@throughline/testing';
import { fulfillment } from './fulfillment.decider.js';
import {
  acceptWork,
  attachLabel,
  collected,
  handedOver,
  handOver,
  labelled,
  line,
  moved,
  pack,
  packed,
  pick,
  picked,
  recall,
  recalled,
  unlabelled,
  withLabel,
  rejected,
  rejectWork,
  release,
  released,
  short,
  shorted,
  workAccepted,
} from './fulfillment.fixtures.js';
import { PACKAGES_MAX } from './fulfillment.js';

const given = deciderSpec(fulfillment);
const three = released([line('a', 3)]);
const twoPicked = picked('scan-1', moved('a', 2, { released: 3, picked: 2 }));
const allPicked = picked('scan-1', moved('a', 3, { released: 3, picked: 3 }));
const allPacked = packed('box-1', [moved('a', 3, { released: 3, picked: 3, packed: 3 })]);
const left = handedOver(
  'truck-1',
  ['box-1'],
  [moved('a', 3, { released: 3, picked: 3, packed: 3, handedOver: 3 })],
);

describe('release', () => {
  it('gives the location its work', () =>
    given()
      .when(release([line('a', 3)]))
      .thenEvents(three));

  it('adds up a line that is named twice', () =>
    given()
      .when(release([line('a', 1), line('b', 1), line('a', 2)]))
      .thenEvents(released([line('a', 3), line('b', 1)])));

  it('does nothing when the work is known', () =>
    given(three)
      .when(release([line('a', 3)]))
      .thenNothing());

  it('is what everything else needs', () =>
    given()
      .when(pick('scan-1', ['a', 1]))
      .thenRejected({ code: 'unknown-fulfillment' }));
});

describe('acceptance', () => {
  it('is recorded', () => given(three).when(acceptWork).thenEvents(workAccepted));

  it('is recorded once', () => given(three, workAccepted).when(acceptWork).thenNothing());

  it('is refused when nothing is left to do', () =>
    given(three, rejected('closed today', moved('a', 3, { released: 3, shorted: 3 })))
      .when(acceptWork)
      .thenRejected({ code: 'fulfillment-closed' }));
});

describe('picking', () => {
  it('adds to what is picked', () =>
    given(three, twoPicked)
      .when(pick('scan-2', ['a', 1]))
      .thenEvents(picked('scan-2', moved('a', 1, { released: 3, picked: 3 }))));

  it('ignores a scan that was sent twice', () =>
    given(three, twoPicked)
      .when(pick('scan-1', ['a', 2]))
      .thenNothing());

  it('knows a scan again when its lines come in another order', () =>
    given(
      released([line('a', 3), line('b', 3)]),
      picked(
        'scan-1',
        moved('a', 1, { released: 3, picked: 1 }),
        moved('b', 2, { released: 3, picked: 2 }),
      ),
    )
      .when(pick('scan-1', ['b', 2], ['a', 1]))
      .thenNothing());

  it('refuses a scan id that comes with other content', () =>
    given(three, twoPicked)
      .when(pick('scan-1', ['a', 1]))
      .thenRejected({ code: 'scan-reused', scanId: 'scan-1' }));

  it('refuses more than is open, and says how much is', () =>
    given(three, twoPicked)
      .when(pick('scan-2', ['a', 2]))
      .thenRejected({ code: 'over-pick', lineId: 'a', requested: 2, open: 1 }));

  it('adds up a line that one scan names twice', () =>
    given(three)
      .when(pick('scan-1', ['a', 2], ['a', 2]))
      .thenRejected({ code: 'over-pick', lineId: 'a', requested: 4, open: 3 }));

  it('refuses a line that is not part of the work', () =>
    given(three)
      .when(pick('scan-1', ['z', 1]))
      .thenRejected({ code: 'unknown-line', lineId: 'z' }));
});

describe('shorts', () => {
  const oneShort = shorted(
    'scan-2',
    'shelf empty',
    moved('a', 1, { released: 3, picked: 2, shorted: 1 }),
  );

  it('give back what is open', () =>
    given(three, twoPicked)
      .when(short('scan-2', 'shelf empty', ['a', 1]))
      .thenEvents(oneShort));

  it('do not touch what is picked', () =>
    given(three, twoPicked)
      .when(short('scan-2', 'shelf empty', ['a', 2]))
      .thenRejected({ code: 'over-short', lineId: 'a', requested: 2, open: 1 }));

  it('are counted once', () =>
    given(three, twoPicked, oneShort)
      .when(short('scan-2', 'shelf empty', ['a', 1]))
      .thenNothing());

  it('are refused when the id comes with another reason', () =>
    given(three, twoPicked, oneShort)
      .when(short('scan-2', 'broken', ['a', 1]))
      .thenRejected({ code: 'scan-reused', scanId: 'scan-2' }));

  it('leave nothing of it to pick', () =>
    given(three, twoPicked, oneShort)
      .when(pick('scan-3', ['a', 1]))
      .thenRejected({ code: 'over-pick', lineId: 'a', requested: 1, open: 0 }));
});

describe('packing', () => {
  it('closes a package with what is named', () =>
    given(three, allPicked)
      .when(pack('box-1', [['a', 2]], 700))
      .thenEvents(
        packed('box-1', [moved('a', 2, { released: 3, picked: 3, packed: 2 })], {
          weightGrams: 700,
        }),
      ));

  it('takes everything picked when nothing is named', () =>
    given(three, twoPicked)
      .when(pack('box-1'))
      .thenEvents(packed('box-1', [moved('a', 2, { released: 3, picked: 2, packed: 2 })])));

  it('refuses more than is picked', () =>
    given(three, twoPicked)
      .when(pack('box-1', [['a', 3]]))
      .thenRejected({ code: 'over-pack', lineId: 'a', requested: 3, open: 2 }));

  it('refuses an empty package', () =>
    given(three).when(pack('box-1')).thenRejected({ code: 'nothing-to-pack' }));

  it('closes a package once, named or not', () => {
    given(three, allPicked, allPacked).when(pack('box-1')).thenNothing();
    given(three, allPicked, allPacked)
      .when(pack('box-1', [['a', 3]]))
      .thenNothing();
  });

  it('refuses a package id that comes with other content', () =>
    given(three, allPicked, allPacked)
      .when(pack('box-1', [['a', 3]], 900))
      .thenRejected({ code: 'scan-reused', scanId: 'box-1' }));

  it('has a limit on packages', () => {
    const boxes = Array.from({ length: PACKAGES_MAX }, (_, index) =>
      packed(`box-${index}`, [moved('a', 1, { released: 500, picked: 500, packed: index + 1 })]),
    );
    given(
      released([line('a', 500)]),
      picked('scan-1', moved('a', 500, { released: 500, picked: 500 })),
      ...boxes,
    )
      .when(pack('one-more'))
      .thenRejected({ code: 'too-many-packages', packagesMax: PACKAGES_MAX });
  });
});

describe('labels', () => {
  it('are attached to their package', () =>
    given(three, allPicked, allPacked).when(attachLabel('box-1')).thenEvents(labelled('box-1')));

  it('are attached once', () =>
    given(three, allPicked, allPacked, labelled('box-1')).when(attachLabel('box-1')).thenNothing());

  it('need a package', () =>
    given(three, allPicked)
      .when(attachLabel('box-1'))
      .thenRejected({ code: 'unknown-package', packageId: 'box-1' }));

  it('are void when the package was opened meanwhile', () =>
    given(
      three,
      allPicked,
      allPacked,
      recalled('recall-1', [moved('a', 1, { released: 3, picked: 2, cancelled: 1 })], {
        reopened: [unlabelled('box-1')],
      }),
    )
      .when(attachLabel('box-1'))
      .thenNothing());
});

describe('hand-over', () => {
  it('gives every labelled package to the carrier', () =>
    given(three, allPicked, allPacked, labelled('box-1'))
      .when(handOver('truck-1'))
      .thenEvents(left));

  it('leaves unlabelled packages behind', () => {
    const one = packed('box-1', [moved('a', 1, { released: 3, picked: 3, packed: 1 })]);
    const two = packed('box-2', [moved('a', 2, { released: 3, picked: 3, packed: 3 })]);
    given(three, allPicked, one, two, labelled('box-2'))
      .when(handOver('truck-1', 'carrier'))
      .thenEvents(
        handedOver(
          'truck-1',
          ['box-2'],
          [moved('a', 2, { released: 3, picked: 3, packed: 3, handedOver: 2 })],
        ),
      );
  });

  it('takes along only what has not left yet', () => {
    const one = packed('box-1', [moved('a', 1, { released: 3, picked: 3, packed: 1 })]);
    const gone = handedOver(
      'truck-1',
      ['box-1'],
      [moved('a', 1, { released: 3, picked: 3, packed: 1, handedOver: 1 })],
    );
    const two = packed('box-2', [
      moved('a', 2, { released: 3, picked: 3, packed: 3, handedOver: 1 }),
    ]);
    given(three, allPicked, one, labelled('box-1'), gone, two, labelled('box-2'))
      .when(handOver('truck-2'))
      .thenEvents(
        handedOver(
          'truck-2',
          ['box-2'],
          [moved('a', 2, { released: 3, picked: 3, packed: 3, handedOver: 3 })],
        ),
      );
  });

  it('adds up a line that several packages contain', () => {
    const one = packed('box-1', [moved('a', 1, { released: 3, picked: 3, packed: 1 })]);
    const two = packed('box-2', [moved('a', 2, { released: 3, picked: 3, packed: 3 })]);
    given(three, allPicked, one, two, labelled('box-1'), labelled('box-2'))
      .when(handOver('truck-1'))
      .thenEvents(
        handedOver(
          'truck-1',
          ['box-1', 'box-2'],
          [moved('a', 3, { released: 3, picked: 3, packed: 3, handedOver: 3 })],
        ),
      );
  });

  it('gives what is collected to the customer, without a label', () =>
    given(
      released([line('a', 3)], collected),
      allPicked,
      packed('bag-1', [moved('a', 3, { released: 3, picked: 3, packed: 3 })], {
        delivery: collected,
      }),
    )
      .when(handOver('desk-1'))
      .thenEvents(
        handedOver(
          'desk-1',
          ['bag-1'],
          [moved('a', 3, { released: 3, picked: 3, packed: 3, handedOver: 3 })],
          'customer',
        ),
      ));

  it('refuses a receiver that the delivery method does not know', () => {
    given(three, allPicked, allPacked, labelled('box-1'))
      .when(handOver('truck-1', 'customer'))
      .thenRejected({ code: 'wrong-receiver', receiver: 'customer', method: 'ship' });
    given(released([line('a', 3)], collected))
      .when(handOver('truck-1', 'carrier'))
      .thenRejected({ code: 'wrong-receiver', receiver: 'carrier', method: 'pickup' });
  });

  it('refuses when no package may leave, and says how many wait for a label', () =>
    given(three, allPicked, allPacked)
      .when(handOver('truck-1'))
      .thenRejected({ code: 'nothing-to-hand-over', unlabelled: 1 }));

  it('happens once', () =>
    given(three, allPicked, allPacked, labelled('box-1'), left)
      .when(handOver('truck-1'))
      .thenNothing());
});

describe('rejection', () => {
  it('gives back what is not packed and puts picked goods back', () =>
    given(
      released([line('a', 5), line('b', 1)]),
      picked('scan-1', moved('a', 3, { released: 5, picked: 3 })),
      packed('box-1', [moved('a', 1, { released: 5, picked: 3, packed: 1 })]),
    )
      .when(rejectWork('no staff'))
      .thenEvents(
        rejected(
          'no staff',
          moved('a', 4, { released: 5, picked: 1, packed: 1, shorted: 4 }),
          moved('b', 1, { released: 1, shorted: 1 }),
        ),
      ));

  it('is refused when everything is packed', () =>
    given(three, allPicked, allPacked)
      .when(rejectWork('no staff'))
      .thenRejected({ code: 'nothing-to-reject' }));

  it('happens once', () =>
    given(three, rejected('no staff', moved('a', 3, { released: 3, shorted: 3 })))
      .when(rejectWork('no staff'))
      .thenNothing());
});

describe('recall', () => {
  it('takes what is not picked first', () =>
    given(three, twoPicked)
      .when(recall('recall-1', line('a', 1)))
      .thenEvents(recalled('recall-1', [moved('a', 1, { released: 3, picked: 2, cancelled: 1 })])));

  it('then puts picked goods back', () =>
    given(three, twoPicked)
      .when(recall('recall-1', line('a', 2)))
      .thenEvents(recalled('recall-1', [moved('a', 2, { released: 3, picked: 1, cancelled: 2 })])));

  it('then opens packages, the newest first, and its other goods are picked again', () =>
    given(
      released([line('a', 2), line('b', 1)]),
      picked(
        'scan-1',
        moved('a', 2, { released: 2, picked: 2 }),
        moved('b', 1, { released: 1, picked: 1 }),
      ),
      packed('box-1', [moved('a', 1, { released: 2, picked: 2, packed: 1 })]),
      packed('box-2', [
        moved('a', 1, { released: 2, picked: 2, packed: 2 }),
        moved('b', 1, { released: 1, picked: 1, packed: 1 }),
      ]),
      labelled('box-1'),
      labelled('box-2'),
    )
      .when(recall('recall-1', line('a', 1)))
      .thenEvents(
        recalled(
          'recall-1',
          [
            moved('a', 1, { released: 2, picked: 1, packed: 1, cancelled: 1 }),
            moved('b', 0, { released: 1, picked: 1 }),
          ],
          { reopened: [withLabel('box-2')] },
        ),
      ));

  it('never opens a package that has left', () => {
    const one = packed('box-1', [moved('a', 1, { released: 3, picked: 3, packed: 1 })]);
    const two = packed('box-2', [moved('a', 2, { released: 3, picked: 3, packed: 3 })]);
    const gone = handedOver(
      'truck-1',
      ['box-2'],
      [moved('a', 2, { released: 3, picked: 3, packed: 3, handedOver: 2 })],
    );
    given(three, allPicked, one, two, labelled('box-2'), gone)
      .when(recall('recall-1', line('a', 3)))
      .thenEvents(
        recalled(
          'recall-1',
          [moved('a', 1, { released: 3, picked: 2, packed: 2, handedOver: 2, cancelled: 1 })],
          { refused: [line('a', 2)], reopened: [unlabelled('box-1')] },
        ),
      );
  });

  it('refuses what was handed over, in the same answer', () =>
    given(
      released([line('a', 4)]),
      picked('scan-1', moved('a', 3, { released: 4, picked: 3 })),
      packed('box-1', [moved('a', 3, { released: 4, picked: 3, packed: 3 })]),
      labelled('box-1'),
      handedOver(
        'truck-1',
        ['box-1'],
        [moved('a', 3, { released: 4, picked: 3, packed: 3, handedOver: 3 })],
      ),
    )
      .when(recall('recall-1', line('a', 4)))
      .thenEvents(
        recalled(
          'recall-1',
          [moved('a', 1, { released: 4, picked: 3, packed: 3, handedOver: 3, cancelled: 1 })],
          { refused: [line('a', 3)] },
        ),
      ));

  it('refuses a line that is not part of the work, and still tells how far the work is', () =>
    given(three)
      .when(recall('recall-1', line('z', 1)))
      .thenEvents(
        recalled('recall-1', [moved('a', 0, { released: 3 })], { refused: [line('z', 1)] }),
      ));

  it('for another order is not for this fulfillment', () => {
    const { type, data } = recall('recall-1', line('a', 1));
    given(three)
      .when({ type, data: { ...data, orderId: 'order-2' } })
      .thenRejected({ code: 'unknown-fulfillment' });
  });

  it('is answered once', () =>
    given(three, recalled('recall-1', [moved('a', 1, { released: 3, cancelled: 1 })]))
      .when(recall('recall-1', line('a', 1)))
      .thenNothing());

  it('voids the package for ever: what is packed again needs a new one', () => {
    const events = [
      three,
      allPicked,
      allPacked,
      recalled('recall-1', [moved('a', 1, { released: 3, picked: 2, cancelled: 1 })], {
        reopened: [unlabelled('box-1')],
      }),
    ];
    given(...events)
      .when(pack('box-1'))
      .thenRejected({ code: 'package-reopened', packageId: 'box-1' });
    given(...events)
      .when(pack('box-2'))
      .thenEvents(
        packed('box-2', [moved('a', 2, { released: 3, picked: 2, packed: 2, cancelled: 1 })]),
      );
  });
});
