import { nextSteps } from './next-steps.js';

const there = { root: '/home/ada/throughline', shell: '/home/ada/throughline' };

describe('the commands that a start prints', () => {
  it('are short where the client finds the system by itself', () => {
    const { adminKeyFile, commands } = nextSteps(
      { port: 8080, dataFolder: '/home/ada/throughline/data' },
      there,
    );
    expect(adminKeyFile).toBe('data/admin-key');
    expect(commands.split('\n')).toEqual([
      '  curl -s http://localhost:8080/v1/orders -H "Authorization: Bearer $(cat data/admin-key)"',
      '  npm run simulate    plays warehouse, carrier and customers',
      '  npm run import -- --help    brings in orders and stock from files',
    ]);
  });

  it('say where it is otherwise, in words that a shell reads as they are', () => {
    const { adminKeyFile, commands } = nextSteps(
      { port: 9000, dataFolder: "/home/ada/it's mine" },
      there,
    );
    expect(adminKeyFile).toBe(`'/home/ada/it'\\''s mine/admin-key'`);
    const options = `--url http://localhost:9000 --data-dir '/home/ada/it'\\''s mine'`;
    expect(commands).toContain(`curl -s http://localhost:9000/v1/orders`);
    expect(commands).toContain(`$(cat ${adminKeyFile})`);
    expect(commands).toContain(`npm run simulate -- ${options} `);
    expect(commands).toContain(`; add ${options}`);
  });

  it.each([
    ['from a folder below', '/home/ada/throughline/data', '/home/ada/throughline/samples'],
    ['for a name like an option', '/home/ada/throughline/-d', there.root],
    ['for the folder itself', '/home/ada/throughline', there.root],
  ])('name the whole path %s', (_, dataFolder, shell) => {
    const { adminKeyFile } = nextSteps({ port: 8080, dataFolder }, { ...there, shell });
    const isShort = dataFolder === there.root;
    expect(adminKeyFile).toBe(isShort ? 'admin-key' : `${dataFolder}/admin-key`);
  });
});
