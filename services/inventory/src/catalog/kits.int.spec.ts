import { until } from '@throughline/testing';
import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';

type Components = readonly (readonly [sku: string, quantity: number])[];

describe('kits in the catalogue', () => {
  let inventory: Warehouse;
  const kitOf = (components: Components) => ({
    name: 'Kit',
    components: components.map(([sku, quantity]) => ({ sku, quantity })),
  });
  const put = (sku: string, ...components: Components) =>
    inventory.http('PUT', `/v1/inventory/items/${sku}`, kitOf(components));
  const refusalsOf = async (sku: string, ...components: Components) => {
    const { status, body } = await put(sku, ...components);
    return status < 300 ? [] : body.errors.map(({ field, code }: never) => [field, code]);
  };
  const rows = async () =>
    (
      await inventory.runtime.database.query<Record<string, unknown>>(
        'select kit_sku, sku, quantity from kit_components order by 1, 2',
      )
    ).map((row) => Object.values(row));

  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['CUP', 'POT'], ['L1']);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  it('consist of what they say, named twice or once', async () => {
    expect((await put('SET', ['CUP', 3], ['POT', 1], ['CUP', 1])).status).toBe(201);
    expect(await rows()).toEqual([
      ['SET', 'CUP', 4],
      ['SET', 'POT', 1],
    ]);
    expect((await put('SET', ['CUP', 2])).status).toBe(200);
    expect(await rows()).toEqual([['SET', 'CUP', 2]]);
    const { body } = await inventory.http('GET', '/v1/inventory/items/SET');
    expect(body).toMatchObject({ version: 2, components: [{ sku: 'CUP', quantity: 2 }] });
    await put('SET');
    expect(await rows()).toEqual([]);
  });

  it('consist of items of the catalogue that are no kits', async () => {
    expect(await refusalsOf('SET', ['CUP', 1], ['LID', 1])).toEqual([
      ['components[1].sku', 'unknown-sku'],
    ]);
    expect((await inventory.http('GET', '/v1/inventory/items/SET')).status).toBe(404);
    await put('SET', ['CUP', 1]);
    expect(await refusalsOf('BOX', ['SET', 1])).toEqual([['components[0].sku', 'is-kit']]);
    expect(await refusalsOf('CUP', ['POT', 1])).toEqual([['components', 'is-component']]);
    await put('SET');
    expect(await refusalsOf('CUP', ['POT', 1])).toEqual([]);
  });

  it('have nothing to say of items that stay as they are', async () => {
    await put('SET', ['CUP', 1]);
    const body = { ...kitOf([['CUP', 1]]), name: 'Other name' };
    expect((await inventory.http('PUT', '/v1/inventory/items/SET', body)).body.version).toBe(2);
    expect(await rows()).toEqual([['SET', 'CUP', 1]]);
  });

  it('come in batches, each after what it consists of', async () => {
    const { body } = await inventory.http('POST', '/v1/inventory/items:batch', {
      items: [
        { sku: 'EARLY', ...kitOf([['LID', 1]]) },
        { sku: 'LID', name: 'Lid' },
        { sku: 'SET', ...kitOf([['LID', 1]]) },
        { sku: 'BOX', ...kitOf([['SET', 1]]) },
        { sku: 'LID', name: 'Again' },
        { sku: 'PAIR', ...kitOf([['EARLY', 2]]) },
      ],
    });
    expect(
      body.items.map(({ sku, status, problem }: never) => [
        sku,
        status,
        (problem as { errors: { code: string }[] } | undefined)?.errors[0]!.code,
      ]),
    ).toEqual([
      ['EARLY', 422, 'unknown-sku'],
      ['LID', 201, undefined],
      ['SET', 201, undefined],
      ['BOX', 422, 'is-kit'],
      ['LID', 422, 'twice'],
      ['PAIR', 422, 'unknown-sku'],
    ]);
    expect(await rows()).toEqual([['SET', 'LID', 1]]);
  });

  describe('are not made of an item', () => {
    const isSomebodyWaiting = async () =>
      (await inventory.runtime.database.query('select from pg_locks where not granted')).length > 0;
    const stays = (code: string) => async () =>
      expect(await refusalsOf('POT', ['CUP', 1])).toContainEqual(['components', code]);
    const move = (body: object) =>
      inventory.http('POST', '/v1/inventory/movements', {
        sku: 'POT',
        locationId: 'L1',
        reason: 'test',
        ...body,
      });

    it('that has stock, until it has none', async () => {
      await inventory.receive('POT', 'L1', 1);
      await stays('has-stock')();
      await move({ type: 'count', quantity: 0 });
      expect(await refusalsOf('POT', ['CUP', 1])).toEqual([]);
    });

    it('that has goods in another condition', async () => {
      await move({ type: 'receipt', quantity: 1, condition: 'damaged' });
      await stays('has-stock')();
    });

    it('that is supplied on demand', async () => {
      await inventory.http('PUT', '/v1/inventory/stock/POT/L1', { uncounted: true });
      await inventory.propose('o1', 1, [at('L1', line('1', 'POT', 2))]);
      await stays('has-stock')();
    });

    it('that orders wait for; and what they wait for may cease to be a kit', async () => {
      await inventory.propose('o1', 1, [], { final: true, backorders: [line('1', 'POT', 1)] });
      await stays('has-backorders')();
      await put('SET', ['CUP', 1]);
      await inventory.propose('o2', 1, [], { final: true, backorders: [line('1', 'SET', 1)] });
      expect(await refusalsOf('SET')).toEqual([]);
      await inventory.receive('SET', 'L1', 1);
      expect((await inventory.told()).at(-1)).toMatchObject({
        type: 'StockOffered',
        data: { orderId: 'o2', lines: [line('1', 'SET', 1)] },
      });
    });

    it('that supply is expected of', async () => {
      await inventory.runtime.database.query(
        `with supply as (
           insert into supplies (supply_id, kind, location_id, state, version, created_at, updated_at)
           values ('P1', 'purchase-order', 'L1', 'open', 1, now(), now()) returning supply_id
         )
         insert into supply_lines (supply_id, line_id, ordinal, sku, ordered)
         select supply_id, '1', 1, 'POT', 5 from supply`,
      );
      await stays('is-expected')();
    });

    it('while goods come to it', async () => {
      const { database } = inventory.runtime;
      const { making } = await database.transaction(async (tx) => {
        await tx.query(`select from items where sku = 'POT' for no key update`);
        const making = refusalsOf('POT', ['CUP', 1]);
        await until(() => isSomebodyWaiting());
        await tx.query(`insert into balances (sku, location_id, on_hand, reserved, version)
          values ('POT', 'L1', 1, 0, 1)`);
        await tx.query(`insert into shelf_history
          (sku, location_id, at, version, on_hand, reserved, safety_stock, uncounted)
          values ('POT', 'L1', now(), 1, 1, 0, 0, false)`);
        await tx.query(`insert into movements (type, sku, location_id, quantity, before, after, cause, at)
          values ('receipt', 'POT', 'L1', 1, 0, 1, 'test', now())`);
        return { making };
      });
      expect(await making).toEqual([['components', 'has-stock']]);
    });

    it.each([
      ['a new shelf', async () => undefined, null],
      [
        'an empty shelf',
        async () => {
          await inventory.receive('POT', 'L1', 1);
          await move({ type: 'count', quantity: 0 });
        },
        null,
      ],
      ['goods in another condition', async () => undefined, 'damaged'],
    ])('while goods come to %s that did not know of it', async (_, given, condition) => {
      await given();
      const { database } = inventory.runtime;
      const receipt = await database.transaction(async (tx) => {
        await tx.query(`select from items where sku = 'POT' for no key update`);
        const coming = move({ type: 'receipt', quantity: 1, ...(condition && { condition }) });
        await until(() => isSomebodyWaiting());
        await tx.query(
          `insert into kit_components (kit_sku, sku, quantity) values ('POT', 'CUP', 1)`,
        );
        await tx.query(`update items set document = document::jsonb
          || '{"components": [{"sku": "CUP", "quantity": 1}]}' where sku = 'POT'`);
        return { coming };
      });
      expect((await receipt.coming).status).toBe(503);
      expect((await move({ type: 'receipt', quantity: 1 })).body.errors[0].code).toBe(
        'kit-has-no-stock',
      );
    });
  });
});
