import type {
  Disposition,
  Goods,
  JudgedGoods,
  JudgedUnits,
  ReturnCommand,
  ReturnEvent,
  ReturnKind,
  Units,
} from './return.js';

export const ORDER = 'o1';

export const units = (lineId: string, quantity: number): Units => ({ lineId, quantity });
/** Line `a` is of article `sku-a`. */
export const goods = (lineId: string, quantity: number): Goods => ({
  lineId,
  sku: `sku-${lineId}`,
  quantity,
});
export const judged = (
  lineId: string,
  quantity: number,
  disposition: Disposition = 'restock',
): JudgedUnits => ({ lineId, quantity, disposition });
export const judgedGoods = (
  lineId: string,
  quantity: number,
  disposition: Disposition = 'restock',
): JudgedGoods => ({ ...goods(lineId, quantity), disposition });

export const deliver = (deliveryId: string, ...lines: Goods[]): ReturnCommand => ({
  type: 'RecordDelivery',
  data: { deliveryId, lines },
});
export const bringToOrigin = (shipmentId: string, ...lines: Goods[]): ReturnCommand => ({
  type: 'OpenReturnToOrigin',
  data: { orderId: ORDER, shipmentId, locationId: 'W1', lines },
});
export const writeOff = (shipmentId: string, ...lines: Goods[]): ReturnCommand => ({
  type: 'WriteOffParcel',
  data: { shipmentId, lines },
});
export const request = (...lines: Units[]): ReturnCommand => ({
  type: 'RequestReturn',
  data: { orderId: ORDER, lines, reason: 'too small' },
});
export const approve = (returnId: string): ReturnCommand => ({
  type: 'ApproveReturn',
  data: { returnId },
});
export const receive = (
  returnId: string,
  lines: readonly Units[] | null = null,
  locationId = 'W1',
): ReturnCommand => ({ type: 'ReceiveReturn', data: { returnId, locationId, lines } });
export const inspect = (
  returnId: string,
  lines: readonly JudgedUnits[] | null = null,
  { locationId = null, refund = true }: { locationId?: string | null; refund?: boolean } = {},
): ReturnCommand => ({ type: 'InspectReturn', data: { returnId, locationId, lines, refund } });

export const delivered = (deliveryId: string, ...lines: Goods[]): ReturnEvent => ({
  type: 'GoodsDelivered',
  data: { deliveryId, lines },
});
export const originOpened = (
  returnId: string,
  shipmentId: string,
  ...lines: Goods[]
): ReturnEvent => ({
  type: 'ReturnToOriginOpened',
  data: { returnId, shipmentId, locationId: 'W1', lines },
});
export const covered = (shipmentId: string, ...lines: Goods[]): ReturnEvent => ({
  type: 'ReturnToOriginCovered',
  data: { shipmentId, lines },
});
export const claimVoided = (
  returnId: string,
  shipmentId: string,
  ...lines: Goods[]
): ReturnEvent => ({ type: 'ReturnClaimVoided', data: { returnId, shipmentId, lines } });
export const writtenOff = (shipmentId: string, ...lines: Goods[]): ReturnEvent => ({
  type: 'ParcelWrittenOff',
  data: { shipmentId, lines },
});
export const requested = (returnId: string, ...lines: Goods[]): ReturnEvent => ({
  type: 'ReturnRequested',
  data: { returnId, reason: 'too small', lines },
});
export const approved = (returnId: string): ReturnEvent => ({
  type: 'ReturnApproved',
  data: { returnId },
});
export const received = (
  returnId: string,
  lines: readonly Goods[],
  locationId = 'W1',
  kind: ReturnKind = 'customer',
): ReturnEvent => ({ type: 'ReturnReceived', data: { returnId, kind, locationId, lines } });
export const inspected = (
  returnId: string,
  lines: readonly JudgedGoods[],
  { locationId = 'W1', refund = true, kind = 'customer' as ReturnKind } = {},
): ReturnEvent => ({
  type: 'ReturnInspected',
  data: { returnId, kind, locationId, refund, lines },
});
