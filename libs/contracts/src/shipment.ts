import { Id, ListOf, Text, Time } from './rules.js';
import { Contract } from './message.js';
import { LineQuantity } from './order.js';

/** What every shipment message tells: one parcel and its content. */
export class ShipmentFact {
  @Id() orderId!: string;
  @Id() shipmentId!: string;
  @Id() fulfillmentId!: string;
  @Id() packageId!: string;
  @Id() locationId!: string;
  @Time() at!: string;
  @Text() carrier!: string;
  @Text() trackingNumber!: string;
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
}

@Contract('oms.shipment')
export class ShipmentLabelled extends ShipmentFact {}

@Contract('oms.shipment')
export class ShipmentInTransit extends ShipmentFact {}

@Contract('oms.shipment')
export class ShipmentDelivered extends ShipmentFact {}

/** An attempt to deliver failed; the carrier will try again or bring the parcel back. */
@Contract('oms.shipment')
export class ShipmentDeliveryFailed extends ShipmentFact {
  @Text() reason!: string;
}

/** The carrier brought the parcel back to where it came from. */
@Contract('oms.shipment')
export class ShipmentReturnedToOrigin extends ShipmentFact {}

@Contract('oms.shipment')
export class ShipmentLost extends ShipmentFact {}

/** The package was opened before it left: its label is void. */
@Contract('oms.shipment')
export class ShipmentVoided extends ShipmentFact {}

/**
 * A carrier reports a parcel whose hand-over has not been told within the time allowed. The reports are kept and take
 * effect with the hand-over; until then nothing of the parcel is on its way.
 */
@Contract('oms.shipment')
export class ShipmentTrackedEarly extends ShipmentFact {}
