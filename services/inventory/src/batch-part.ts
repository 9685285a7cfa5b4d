import type { ProblemException } from '@throughline/service-kit';

/** What became of one part of a batch: as if it had been sent alone. */
export type BatchPart = { readonly status: number; readonly problem?: object };

export const refusedPart = ({ problem: { code, ...members } }: ProblemException): BatchPart => ({
  status: members.status,
  problem: { type: `urn:oms:problem:${code}`, code, ...members },
});

/** The others may have been taken: only this one is to be sent again. */
export const NOT_NOW: BatchPart = {
  status: 503,
  problem: {
    type: 'urn:oms:problem:unavailable',
    code: 'unavailable',
    title: 'Not now; send this one again',
    status: 503,
  },
};
