/** Units that wait and may come from any of these locations. */
export type Claim = { readonly units: number; readonly locationIds: readonly string[] };

type Open = { readonly claim: Claim; readonly from: Map<string, number>; left: number };
type Step = { readonly by: Open; readonly locationId: string };

/**
 * How many units of the claims the locations can serve at most, each giving what it has: a maximum flow, found by
 * shortest augmenting paths (Edmonds and Karp 1972). Who took from a location moves on to another where
 * that lets somebody else be served.
 */
export const servedOf = (
  claims: readonly Claim[],
  unitsAt: ReadonlyMap<string, number>,
): number => {
  const free = new Map(unitsAt);
  const open = claims.map((claim) => ({
    claim,
    from: new Map<string, number>(),
    left: claim.units,
  }));
  let served = 0;
  for (const one of open)
    for (let path = pathOf(one, open, free); path; path = pathOf(one, open, free))
      served += move(path, one, free);
  return served;
};

/** The steps from a claim to a location that has something left, last step first; none where there is none. */
const pathOf = (
  start: Open,
  all: readonly Open[],
  free: ReadonlyMap<string, number>,
): Step[] | undefined => {
  if (start.left === 0) return undefined;
  const reachedBy = new Map<string, Step>();
  const queue: { readonly by: Open; readonly path: readonly Step[] }[] = [{ by: start, path: [] }];
  for (const { by, path } of queue)
    for (const locationId of by.claim.locationIds) {
      if (reachedBy.has(locationId)) continue;
      const step = { by, locationId };
      reachedBy.set(locationId, step);
      if ((free.get(locationId) ?? 0) > 0) return [step, ...path];
      for (const other of all)
        if ((other.from.get(locationId) ?? 0) > 0 && other !== by)
          queue.push({ by: other, path: [step, ...path] });
    }
  return undefined;
};

/** Moves as many units as all steps allow. Answers how many. */
const move = (path: readonly Step[], start: Open, free: Map<string, number>): number => {
  const given = path.slice(0, -1).map(({ by }, index) => by.from.get(path[index + 1]!.locationId)!);
  const last = path[0]!.locationId;
  const units = Math.min(start.left, free.get(last)!, ...given);
  free.set(last, free.get(last)! - units);
  path.forEach(({ by, locationId }, index) => {
    by.from.set(locationId, (by.from.get(locationId) ?? 0) + units);
    const before = path[index + 1];
    if (before) by.from.set(before.locationId, by.from.get(before.locationId)! - units);
  });
  start.left -= units;
  return units;
};
