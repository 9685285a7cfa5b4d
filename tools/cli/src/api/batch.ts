import { ServerFault, type Api, type Problem } from './api.js';

/** The server's word on one part of a batch. */
export type Part = { readonly status: number; readonly problem?: Problem };

const UNAVAILABLE = 503;
const FAULTS_MAX = 5;

const once = async (
  api: Api,
  route: string,
  member: string,
  contents: readonly unknown[],
): Promise<readonly Part[]> => {
  const body = { [member]: contents };
  const answer = await api.send<{ items: Part[] } & Problem>('POST', route, body);
  if (answer.status === 200) {
    const { items } = answer.body;
    if (items.length === contents.length) return items;
    throw new ServerFault(`${route} answered ${items.length} of ${contents.length} parts`);
  }
  // The request as a whole was refused (too large, unreadable): find the part that is to blame.
  if (contents.length === 1) return [{ status: answer.status, problem: answer.body }];
  const middle = Math.ceil(contents.length / 2);
  return [
    ...(await once(api, route, member, contents.slice(0, middle))),
    ...(await once(api, route, member, contents.slice(middle))),
  ];
};

/**
 * Posts a batch (`{ [member]: contents }`) until the server has given its final word on each part, in order.
 * Parts that have to wait are sent again alone, so every part must be safe to repeat. Throws like `send`.
 */
export const postBatch = async (
  api: Api,
  route: string,
  member: string,
  contents: readonly unknown[],
): Promise<readonly Part[]> => {
  const parts = new Array<Part>(contents.length);
  let waiting = contents.map((_, index) => index);
  let faults = 0;
  return api.persist<readonly Part[]>(async () => {
    const sent = waiting.map((index) => contents[index]);
    const answered = waiting.length === 0 ? [] : await once(api, route, member, sent);
    waiting.forEach((index, at) => (parts[index] = answered[at]!));
    waiting = waiting.filter((index) => parts[index]!.status >= 500);
    if (waiting.length === 0) return { value: parts };
    if (waiting.some((index) => parts[index]!.status !== UNAVAILABLE)) faults += 1;
    if (faults >= FAULTS_MAX)
      throw new ServerFault(`${route}: the server fails again and again on the same parts`);
    return { trouble: `${waiting.length} parts have to wait` };
  });
};
