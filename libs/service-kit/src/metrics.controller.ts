import { Controller, Get, Header, Headers, NotFoundException } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { exposition } from '@throughline/telemetry';
import { Public } from './access.js';

/**
 * What Prometheus scrapes, straight from the process. It holds no data of orders or people; still it is not for
 * the world, so what came through a proxy finds nothing here.
 */
@Controller('metrics')
@Public()
@ApiExcludeController()
export class MetricsController {
  @Get()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  async metrics(@Headers('x-forwarded-for') forwardedFor?: string): Promise<string> {
    if (forwardedFor !== undefined) throw new NotFoundException('There is nothing at /metrics');
    return exposition();
  }
}
