import { accept, reject, type Decision } from '@throughline/kernel';
import {
  PACKAGES_MAX,
  type Assignment,
  type ClosePackage,
  type Delivery,
  type Fulfillment,
  type FulfillmentEvent,
  type FulfillmentRejection,
  type Label,
  type LineWork,
} from './fulfillment.js';
import { moved, PACK, summed, toPackOf } from './lines.js';
import { contentOf, repeatOf } from './scans.js';

type Decided = Decision<FulfillmentEvent, FulfillmentRejection>;

const pickedAndNotPacked = ({ lines }: Fulfillment): LineWork[] =>
  [...lines.values()]
    .map((line) => ({ lineId: line.lineId, quantity: toPackOf(line) }))
    .filter(({ quantity }) => quantity > 0);

/** A package is closed: never with more than is picked and not packed yet. */
export const closePackage = (
  { packageId, lines, weightGrams }: ClosePackage,
  state: Fulfillment,
  assignment: Assignment,
  delivery: Delivery,
): Decided => {
  const known = state.packages.get(packageId);
  // Its shipment and label are void for ever, so what is packed now needs a package of its own.
  if (known?.state === 'reopened') return reject({ code: 'package-reopened', packageId });
  // "Everything picked" meant what was picked then: sent again, it means the package that it made.
  if (known && !lines) return accept();
  const work = lines ? summed(lines) : pickedAndNotPacked(state);
  const repeated = repeatOf(state, 'package', packageId, contentOf(work, weightGrams));
  if (repeated) return repeated;
  if (work.length === 0) return reject({ code: 'nothing-to-pack' });
  if (state.packages.size >= PACKAGES_MAX)
    return reject({ code: 'too-many-packages', packagesMax: PACKAGES_MAX });
  const movement = moved(state, work, PACK);
  if (!movement.ok) return movement;
  const { orderNumber } = state;
  return accept({
    type: 'PackageClosed',
    data: { ...assignment, packageId, weightGrams, orderNumber, delivery, lines: movement.lines },
  });
};

/** Shipping made the label of a package. */
export const attachLabel = (label: Label, { packages }: Fulfillment): Decided => {
  const known = packages.get(label.packageId);
  if (!known) return reject({ code: 'unknown-package', packageId: label.packageId });
  // A label that comes for a package that was opened meanwhile is void: nothing will leave under it.
  if (known.state === 'reopened' || known.shipmentId === label.shipmentId) return accept();
  return accept({ type: 'PackageLabelled', data: label });
};
