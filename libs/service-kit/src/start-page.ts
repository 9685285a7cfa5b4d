import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2733; --soft: #5b6b7b; --line: #dde4ea; --card: #fff; --page: #f4f7f9; --accent: #0b6e76; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eef3; --soft: #9fb0bf; --line: #2c3843; --card: #18212a; --page: #10171e; --accent: #4fc3cb; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 4rem 1.25rem; background: var(--page); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, 'Segoe UI', sans-serif; }
main { max-width: 46rem; margin: 0 auto; }
h1 { margin: 0; font-size: 2rem; letter-spacing: -0.02em; }
h1 svg { width: 1.9rem; height: 1.9rem; margin-right: 0.6rem; vertical-align: -0.3rem; }
h2 { margin: 0 0 0.35rem; font-size: 1.05rem; }
.lead { margin: 0.4rem 0 2rem; color: var(--soft); }
nav { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem; margin-bottom: 2.5rem; }
nav a { display: block; padding: 1rem 1.1rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem;
  color: inherit; text-decoration: none; }
nav a:hover, nav a:focus-visible { border-color: var(--accent); outline: none; }
nav b { display: block; color: var(--accent); }
nav span { color: var(--soft); font-size: 0.9rem; }
section { margin-bottom: 1.75rem; }
p { margin: 0 0 0.6rem; }
pre { margin: 0; padding: 0.8rem 1rem; overflow-x: auto; background: var(--card); border: 1px solid var(--line);
  border-radius: 0.6rem; }
pre, code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.9rem; }
`;

const MARK = `<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#0b6e76"/>\
<path d="M7 16h18M19 10l6 6-6 6" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
const ICON = `data:image/svg+xml,${encodeURIComponent(MARK.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" '))}`;

/** Nothing but this page's own style and icon: it has no script, form or frame. */
export const START_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HOST = /^[\w.-]+(:\d+)?$|^\[[0-9a-fA-F:]+\](:\d+)?$/;

/** The page at `/`, for a person with a browser: where everything is, and what to do first. */
export const startPage = (protocol: string, host: string): string => {
  // It comes from the caller, and goes into a page and commands.
  const origin = HOST.test(host) ? `${protocol}://${host}` : 'http://localhost:8080';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Throughline</title>
<link rel="icon" href="${ICON}">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${MARK}Throughline</h1>
<p class="lead">Order management: takes orders from every channel, promises only stock that exists, and brings it to the customer.</p>
<nav>
<a href="/docs"><b>API docs</b><span>every route, tried from here</span></a>
<a href="/openapi.json"><b>OpenAPI</b><span>the same for programs</span></a>
<a href="/health/ready"><b>Health</b><span>whether it serves</span></a>
</nav>
<section>
<h2>1. Find your key</h2>
<p>Every call of the API carries a key. The first one lies in the file <code>admin-key</code> of the data folder; the start printed its
path. In the folder of the checkout:</p>
<pre>key=$(cat data/admin-key)            # npm start
key=$(cat data-services/admin-key)   # npm run services
key=$(docker compose run --rm --entrypoint cat migrate /data/admin-key)</pre>
</section>
<section>
<h2>2. Ask for something</h2>
<pre>curl -s ${origin}/v1/orders -H "Authorization: Bearer $key"</pre>
</section>
<section>
<h2>3. Go on with the tour</h2>
<p><code>README.md</code> of the checkout takes five minutes: a warehouse, an order for more than there is, and why each unit goes where it goes.
<code>npm run simulate</code> then plays the floor, the carriers and the customers.</p>
</section>
</main>
</body>
</html>
`;
};
