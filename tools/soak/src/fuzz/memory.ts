/** Resident after the first fifth of a run, which warms caches and pools up, and at its end: so much more is no growth yet. */
export const GROWTH_MAX_MEGABYTES = 150;

const RESIDENT = /^process_resident_memory_bytes (\S+)/m;

/** Megabytes that the process behind an origin occupies; undefined where it does not tell. */
export const residentMegabytes = async (origin: string): Promise<number | undefined> => {
  const answer = await fetch(`${origin}/metrics`).catch(() => undefined);
  const bytes = answer?.ok ? RESIDENT.exec(await answer.text())?.[1] : undefined;
  return bytes === undefined ? undefined : Math.round(Number(bytes) / 2 ** 20);
};

export const growthProblem = (warm: number | undefined, end: number | undefined): string[] =>
  warm !== undefined && end !== undefined && end - warm > GROWTH_MAX_MEGABYTES
    ? [`Memory grew from ${warm} to ${end} MB, more than ${GROWTH_MAX_MEGABYTES} MB`]
    : [];
