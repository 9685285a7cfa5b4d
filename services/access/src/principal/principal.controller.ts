import { Controller, Get } from '@nestjs/common';
import {
  ChannelAware,
  CurrentPrincipal,
  LocationAware,
  NeedsAnyKey,
  principalAnswer,
  type Principal,
  type PrincipalAnswer,
} from '@throughline/service-kit';

@Controller('v1/access/principal')
export class PrincipalController {
  /** Who the caller is and what its key or token allows. The other services ask this for the keys that they are shown. */
  @Get()
  @NeedsAnyKey()
  @ChannelAware()
  @LocationAware()
  one(@CurrentPrincipal() principal: Principal): PrincipalAnswer {
    return principalAnswer(principal);
  }
}
