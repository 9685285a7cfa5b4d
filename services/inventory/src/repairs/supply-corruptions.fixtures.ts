import { SHELF, type Corruption } from './corruption.fixtures.js';

export const SUPPLY_CORRUPTIONS: readonly Corruption[] = [
  {
    what: 'a purchase order that counts what never came',
    sql: [`update supply_lines set received = 6 where supply_id = 'PO'`],
    found: ['supply-is-what-movements-brought'],
  },
  {
    what: 'a transfer that counts what never left',
    sql: [`update supply_lines set dispatched = 5 where supply_id = 'TR'`],
    found: ['supply-is-what-movements-brought'],
  },
  {
    what: 'a line that lost more than was ordered',
    sql: [
      'alter table supply_lines drop constraint never_more_than_ordered',
      `update supply_lines set lost = 30 where supply_id = 'PO'`,
    ],
    found: ['supply-line-adds-up', 'supply-state-fits-its-lines'],
    mended: ['alter table supply_lines add check (received + lost + cancelled <= ordered)'],
  },
  {
    what: 'a supply closed while goods are expected',
    sql: [`update supplies set state = 'closed' where supply_id = 'PO'`],
    found: ['supply-state-fits-its-lines'],
  },
  {
    what: 'a supply open although nothing is expected',
    sql: [`update supply_lines set cancelled = 6 where supply_id = 'PO'`],
    found: ['supply-state-fits-its-lines'],
  },
  {
    what: 'a kit of other parts than the catalogue says',
    sql: [`update kit_components set quantity = 7 where sku = 'A'`],
    found: ['kit-is-as-in-the-catalogue'],
  },
  {
    what: 'a shelf whose last state is not in its history',
    sql: [
      `delete from shelf_history where sku = 'A'
       and version = (select version from balances where ${SHELF('A')})`,
    ],
    found: ['history-ends-where-the-shelf-stands'],
  },
  {
    what: 'a shelf set back to an older version',
    sql: [`update balances set version = 1 where ${SHELF('A')}`],
    found: ['history-ends-where-the-shelf-stands'],
  },
  {
    what: 'an alert that was forgotten',
    sql: [`update balances set below_buffer_since = null where ${SHELF('D')}`],
    found: ['alert-is-as-the-shelf-stands'],
  },
  {
    what: 'more kits come back than left',
    sql: [
      'alter table issued_kits drop constraint never_more_back_than_left',
      `update issued_kits set returned = 5`,
    ],
    found: ['issued-kit-adds-up'],
    mended: [
      `alter table issued_kits add constraint never_more_back_than_left
       check (0 <= returned and returned <= quantity)`,
    ],
  },
  {
    what: 'the parts of kits that left forgotten',
    sql: [`delete from issued_kits`],
    found: ['issued-kits-cover-what-left'],
  },
];
