import { createHash } from 'node:crypto';
import { START_PAGE_POLICY, startPage } from './start-page.js';

describe('the page at /', () => {
  it('names the address by which it was asked for', () => {
    const page = startPage('https', 'shop.example:9000');
    expect(page).toContain('curl -s https://shop.example:9000/v1/orders');
    expect(startPage('http', '[::1]:8080')).toContain('curl -s http://[::1]:8080/v1/orders');
  });

  it.each(['<script>alert(1)</script>', 'a"; rm -rf ~; "', 'x$(id)', ''])(
    'never repeats a host that is none: %s',
    (host) => expect(startPage('http', host)).toBe(startPage('http', 'localhost:8080')),
  );

  it('has the one style that its policy lets in, and nothing that the policy forbids', () => {
    const page = startPage('http', 'localhost:8080');
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(page) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(START_PAGE_POLICY).toContain(`style-src 'sha256-${hash}'`);
    expect(page).not.toMatch(/<script|<form|<iframe| style=| on\w+=|(src|href)="(?!\/|data:image)/);
  });
});
