import { setTimeout as delay } from 'node:timers/promises';
import type { Book } from './book.js';
import { Client } from './client.js';
import { Clerk } from './clerk.js';
import { Dice } from './dice.js';
import { bringToRest, judgeOrders, judgeStock, judgeSystem, type Played } from './settling.js';
import type { System } from './standalone.js';
import { StockBook } from './stock-book.js';
import { Story } from './story.js';
import { Tale } from './tale.js';
import { createWorld } from './world.js';
import { wishOf } from './wish.js';

const CLIENTS = 12;
const CLERK_PAUSE_MS = 150;

export type HistoriesOptions = {
  readonly seed: number;
  readonly orders: number;
  readonly kills: number;
};

export type Verdict = {
  /** Orders with something wrong. */
  readonly books: readonly Book[];
  /** What is wrong beside orders. */
  readonly problems: readonly string[];
  readonly client: Client;
};

type Say = (text: string) => void;

/** Plays random histories from one seed, brings everything to rest and judges it. */
export const playHistories = async (
  system: System,
  options: HistoriesOptions,
  say: Say,
): Promise<Verdict> => {
  const { seed } = options;
  const client = new Client(system);
  const run = `soak-${seed}`;
  const world = await createWorld(client, new Dice(seed, 'world'));
  const stock = new StockBook();
  const clerk = new Clerk(client, world, new Dice(seed, 'clerk'), stock, run);
  await clerk.open();
  const tales = Array.from({ length: options.orders }, (_, index) => {
    const dice = new Dice(seed, `order ${index}`);
    const wish = wishOf(dice, world, index, run);
    return new Tale(new Story(client, world, dice, wish.book, run), wish);
  });
  const played: Played = { client, world, clerk, stock, tales };
  await playWild(system, played, options, say);
  say('The wild part is over; everything is brought to an end ...');
  await bringToRest(played, say);
  say('Everything is judged ...');
  await judgeOrders(played);
  const problems = [...(await judgeStock(played)), ...(await judgeSystem(played))];
  const books = tales.map(({ story }) => story.book).filter(({ findings }) => findings.length > 0);
  return { books, problems, client };
};

const playWild = async (
  system: System,
  { clerk, tales }: Played,
  { seed, kills }: HistoriesOptions,
  say: Say,
): Promise<void> => {
  let isOver = false;
  let begun = 0;
  const player = async (): Promise<void> => {
    while (begun < tales.length) {
      const tale = tales[begun]!;
      begun += 1;
      await tale.place();
      await tale.wild();
    }
  };
  const clerking = (async () => {
    while (!isOver) {
      await clerk.mischief();
      await delay(CLERK_PAUSE_MS);
    }
  })();
  const dice = new Dice(seed, 'harm');
  const hurting = (async () => {
    for (let kill = 1; kill <= kills; kill += 1) {
      const at = Math.floor((tales.length * (kill - dice.next())) / kills);
      while (begun < at && !isOver) await delay(20);
      if (isOver) return;
      say(`${begun} orders begun: ${await system.hurt(() => dice.next())}`);
    }
  })();
  try {
    await Promise.all(Array.from({ length: CLIENTS }, player));
  } finally {
    isOver = true;
  }
  await Promise.all([clerking, hurting]);
};
