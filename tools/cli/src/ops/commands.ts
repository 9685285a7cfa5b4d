import type { Command } from 'commander';
import { check, type CheckOptions } from './check.js';
import {
  beginEpoch,
  listConsumers,
  republish,
  resetConsumer,
  type EpochOptions,
  type RepublishOptions,
  type ResetOptions,
} from './consumers.js';
import {
  discardDeadLetter,
  listDeadLetters,
  replayDeadLetters,
  restoreDeadLetters,
  showDeadLetter,
  type DeadLetterOptions,
} from './dead-letters.js';
import type { OpsOptions } from './fleet.js';
import { listOperations, type Confirmed } from './operate.js';
import {
  cancelRebuild,
  dropRetired,
  listProjections,
  rebuildProjection,
  rollBack,
} from './projections.js';
import { repair, type RepairOptions } from './repair.js';
import { listSetAside, retrySetAside } from './set-aside.js';

/** What every command of this program has in common. */
export type CommandTools = {
  readonly withServer: (command: Command) => Command;
  readonly finish: <Args extends unknown[]>(
    work: (...args: Args) => Promise<boolean>,
  ) => (...args: Args) => Promise<void>;
  readonly whole: (text: string) => number;
};

const ofService = (command: Command): Command =>
  command.option('--service <name>', 'one service only');

/** What takes something away, or stops something, says so first. */
const confirmed = (command: Command): Command =>
  command
    .option('--confirm <name>', 'do it: the name of what is changed, as the plan says it')
    .option('--reason <words>', 'why: it stands in `ops operations`');

const deadLetters = (ops: Command, { withServer, finish, whole }: CommandTools): void => {
  const group = ops.command('dead-letters').description('messages that could not be handled');
  const filtered = (command: Command): Command =>
    ofService(withServer(command))
      .option('--group <group>', 'of one reader')
      .option('--type <type>', 'of one type')
      .option('--limit <count>', 'so many per service at most', whole, 200);
  filtered(group.command('list', { isDefault: true }))
    .option('--message-key <key>', 'of one key, for example an order id')
    .action(finish((options: DeadLetterOptions) => listDeadLetters(options)));
  withServer(group.command('show'))
    .argument('<message>', 'as the list shows it: <service>/<number>')
    .action(finish((address: string, options: OpsOptions) => showDeadLetter(address, options)));
  filtered(group.command('replay'))
    .description('handle messages again, each with those of its key that wait behind it')
    .argument('[messages...]')
    .option('--all', 'everything that the filters let through')
    .action(
      finish((addresses: string[], options: DeadLetterOptions) =>
        replayDeadLetters(addresses, options),
      ),
    );
  confirmed(withServer(group.command('discard')))
    .description('give a message up: it is not handled, unless it is restored')
    .argument('<message>')
    .action(
      finish((address: string, options: OpsOptions & Confirmed) =>
        discardDeadLetter(address, options),
      ),
    );
  withServer(group.command('restore'))
    .description('park discarded messages again')
    .argument('<messages...>')
    .action(
      finish((addresses: string[], options: OpsOptions) => restoreDeadLetters(addresses, options)),
    );
};

const consumers = (ops: Command, { withServer, finish }: CommandTools): void => {
  const group = ops.command('consumers').description('how far readers are');
  ofService(withServer(group.command('list', { isDefault: true }))).action(
    finish((options: OpsOptions) => listConsumers(options)),
  );
  confirmed(withServer(group.command('reset')))
    .description('have a reader go on elsewhere; says what that would do until it is confirmed')
    .argument('<group>')
    .requiredOption('--to <place>', 'start, end, or a time like 2026-11-01T10:00Z')
    .action(finish((name: string, options: ResetOptions) => resetConsumer(name, options)));
  confirmed(withServer(ops.command('begin-epoch')))
    .description("after a restore of a service's log: whoever has read the one before stops")
    .argument('<service>')
    .option('--epoch <id>', 'bring back one that was ended so: its readers go on')
    .action(finish((service: string, options: EpochOptions) => beginEpoch(service, options)));
  confirmed(withServer(ops.command('republish')))
    .description('publish again for one reader, into its replay topic')
    .requiredOption('--service <name>', 'who publishes the topic')
    .requiredOption('--topic <topic>', 'for example oms.order')
    .requiredOption('--group <group>', 'the reader, for example routing.oms.order')
    .option('--from <position>', "after this position of the service's store; all else")
    .option('--to <position>', 'up to this position; all else')
    .action(finish((options: RepublishOptions) => republish(options)));
};

const projections = (ops: Command, { withServer, finish }: CommandTools): void => {
  const group = ops.command('projections').description('read models');
  const one = (name: string, description: string): Command =>
    confirmed(withServer(group.command(name)))
      .description(description)
      .argument('<projection>', 'as the list shows it: <service>/<name>');
  ofService(withServer(group.command('list', { isDefault: true }))).action(
    finish((options: OpsOptions) => listProjections(options)),
  );
  one('rebuild', 'build the rows anew beside those that serve')
    .option('--no-wait', 'do not follow it to its end')
    .action(
      finish((address: string, options: OpsOptions & Confirmed & { wait: boolean }) =>
        rebuildProjection(address, options),
      ),
    );
  one('cancel', 'give a rebuild up').action(finish(cancelRebuild));
  one('rollback', 'bring the rows of before the last rebuild back').action(finish(rollBack));
  one('drop', 'drop the rows of before the last rebuild').action(finish(dropRetired));
};

const setAside = (ops: Command, { withServer, finish }: CommandTools): void => {
  const group = ops.command('set-aside').description('streams that read models could not apply');
  ofService(withServer(group.command('list', { isDefault: true }))).action(
    finish((options: OpsOptions) => listSetAside(options)),
  );
  ofService(withServer(group.command('retry')))
    .description('make the rows of streams again from all their events')
    .argument('[projection]', 'as the list shows it: <service>/<name>')
    .argument('[stream]', 'one stream; all of the projection else')
    .option('--all', 'of every projection')
    .action(
      finish(
        (
          address: string | undefined,
          stream: string | undefined,
          options: OpsOptions & { all?: boolean },
        ) => retrySetAside(address, stream, options),
      ),
    );
};

/** Adds the commands by which people look after a running installation. */
export const addOperations = (program: Command, tools: CommandTools): void => {
  const ops = program.command('ops').description('look after a running installation');
  deadLetters(ops, tools);
  consumers(ops, tools);
  projections(ops, tools);
  setAside(ops, tools);
  ofService(tools.withServer(ops.command('operations')))
    .description('what was done by these commands and their routes, by whom and why')
    .option('--limit <count>', 'so many per service at most', tools.whole, 50)
    .action(
      tools.finish((options: OpsOptions & { readonly limit: number }) => listOperations(options)),
    );
  ofService(tools.withServer(ops.command('check')))
    .description('check every invariant over the whole store; exit 1 when something is found')
    .option('--show <rows>', 'findings to print', tools.whole, 50)
    .action(tools.finish((options: CheckOptions) => check(options)));
  tools
    .withServer(ops.command('repair'))
    .description('explain what contradicts itself in the ledger; exit 1 when there is something')
    .option('--apply <names...>', 'carry these proposals out')
    .option('--reason <words>', 'why: it stands in the audit trail')
    .action(tools.finish((options: RepairOptions) => repair(options)));
};
