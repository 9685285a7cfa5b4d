import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { mayUseChannel, notFound, type AuthenticatedRequest } from '@throughline/service-kit';
import { ORDER_QUERY, type OrderQuery } from './order.query.js';

/** For routes on one order (`:id`): to a key of other channels than the order's, there is no such order. */
@Injectable()
export class OrderChannelGuard implements CanActivate {
  constructor(@Inject(ORDER_QUERY) private readonly query: OrderQuery) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { principal, params } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (!principal?.channels) return true;
    const { id } = params as { readonly id: string };
    const channel = await this.query.channel(id);
    if (channel !== undefined && mayUseChannel(principal, channel)) return true;
    throw notFound('order', id);
  }
}
