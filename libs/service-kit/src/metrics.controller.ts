import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { exposition } from '@throughline/telemetry';
import { Public } from './access.js';

/** What Prometheus scrapes. It holds no data of orders or people; the gateway does not pass it on. */
@Controller('metrics')
@Public()
@ApiExcludeController()
export class MetricsController {
  @Get()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  metrics(): Promise<string> {
    return exposition();
  }
}
