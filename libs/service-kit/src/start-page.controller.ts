import { Controller, Get, Header, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from './access.js';
import { START_PAGE_POLICY, startPage } from './start-page.js';

/** What a browser finds at the origin itself. */
@Controller()
@Public()
@ApiExcludeController()
export class StartPageController {
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', START_PAGE_POLICY)
  page(@Req() { protocol, host }: FastifyRequest): string {
    return startPage(protocol, host);
  }
}
