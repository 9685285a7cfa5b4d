import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import {
  mayUseChannel,
  mayUseLocation,
  notFoundById,
  type AuthenticatedRequest,
} from '@throughline/service-kit';
import { ORDER_QUERY, type OrderQuery } from './order.query.js';

/**
 * For routes on one order (`:id`): to a key of other channels than the order's, or of locations that the order never
 * concerned, there is no such order.
 */
@Injectable()
export class OrderLimitsGuard implements CanActivate {
  constructor(@Inject(ORDER_QUERY) private readonly query: OrderQuery) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { principal, params } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (!principal?.channels && !principal?.locations) return true;
    const { id } = params as { readonly id: string };
    const reach = await this.query.reach(id);
    if (reach && mayUseChannel(principal, reach.channel)) {
      const { locations } = principal;
      if (!locations || reach.locations.some((one) => mayUseLocation(principal, one))) return true;
    }
    throw notFoundById('order', id);
  }
}
