import { Controller, Get, Inject, Param } from '@nestjs/common';
import { KnownId } from '@throughline/contracts';
import { Needs, notFoundById, valid } from '@throughline/service-kit';
import type { Decision } from './decision.js';

export const DECISIONS = Symbol('decisions query');
/** The decision on an order, if it has one. */
export type DecisionsQuery = (orderId: string) => Promise<Decision | undefined>;

export class RoutingDecisionPath {
  @KnownId() orderId!: string;
}

@Controller('v1/routing/decisions')
export class DecisionsController {
  constructor(@Inject(DECISIONS) private readonly decisions: DecisionsQuery) {}

  /** Every attempt to source an order: what was chosen, and for every candidate location why or why not. */
  @Get(':orderId')
  @Needs('routing:read')
  async one(
    @Param(valid(RoutingDecisionPath)) { orderId }: RoutingDecisionPath,
  ): Promise<Decision> {
    const decision = await this.decisions(orderId);
    if (!decision) throw notFoundById('sourcing decision for order', orderId, 'orderId');
    return decision;
  }
}
