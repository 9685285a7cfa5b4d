import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { goldenHistory } from './golden-history.js';

const LEFT = 'services/people/src/person/golden/Left.1.json';
const LEFT_HASH = '0967ef424bce6791893e9a57bb952f80fd536e93'; // of `{}` and a line feed

const folder = mkdtempSync(join(tmpdir(), 'throughline-history-'));
afterAll(() => rmSync(folder, { recursive: true }));
const root = join(folder, 'all');
const git = (...parameters: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...parameters], {
    cwd: root,
    stdio: 'pipe',
  });
const commit = () => {
  git('add', '--all');
  git('commit', '--quiet', '--message', 'test');
};
const write = (path: string, text: string) => {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

const restore = () => {
  git('reset', '--quiet', '--hard');
  git('clean', '--quiet', '--force', '-d');
};

beforeAll(() => {
  mkdirSync(root);
  git('init', '--quiet');
  write(LEFT, '{}\n');
  write('libs/any/src/golden/Named.1.json', '{"name":"Ada"}\n');
  commit();
  write('services/people/src/person/golden/Named.1.json', '{"name":"Ada"}\n');
  commit();
});
afterEach(restore);

describe('the history of golden files', () => {
  const changed = [
    `services/people: Left.1.json was changed or deleted; as it was added: git show ${LEFT_HASH}`,
  ];

  it('is without fault where files are as they were added, beside new ones', () => {
    write('services/people/src/person/golden/Born.1.json', '{}');
    expect(goldenHistory(root)).toEqual({ faults: [] });
  });

  it('lets a folder move inside its project, not to another', () => {
    const move = (to: string) => {
      mkdirSync(join(root, dirname(to)), { recursive: true });
      renameSync(join(root, LEFT), join(root, to));
      return goldenHistory(root).faults;
    };
    expect(move('services/people/src/citizen/golden/Left.1.json')).toEqual([]);
    restore();
    expect(move('services/animals/src/person/golden/Left.1.json')).toEqual(changed);
  });

  it.each<[string, () => void]>([
    ['changed', () => write(LEFT, '{"reason":"tired"}\n')],
    ['deleted', () => rmSync(join(root, LEFT))],
    ['deleted with its service', () => rmSync(join(root, 'services'), { recursive: true })],
  ])('shows a file that is %s, before it is committed and after', (_, change) => {
    change();
    expect(goldenHistory(root).faults).toEqual(expect.arrayContaining(changed));
    commit();
    expect(goldenHistory(root).faults).toEqual(expect.arrayContaining(changed));
    git('reset', '--quiet', '--hard', 'HEAD~1');
  });

  it('is not made good by deleting a file and adding another of its name', () => {
    rmSync(join(root, LEFT));
    commit();
    write(LEFT, '{"reason":"tired"}\n');
    commit();
    expect(goldenHistory(root).faults).toEqual(changed);
    git('reset', '--quiet', '--hard', 'HEAD~2');
  });

  it('says so where it is shallow, and still sees what is changed', () => {
    const shallow = join(folder, 'shallow');
    git('clone', '--quiet', '--depth', '1', pathToFileURL(root).href, shallow);
    const gap = 'the git history is shallow: fetch all of it (fetch-depth: 0)';
    expect(goldenHistory(shallow)).toEqual({ faults: [], gap });
    rmSync(join(shallow, LEFT));
    expect(goldenHistory(shallow)).toEqual({ faults: changed, gap });
  });

  it('says so where there is none', () => {
    const copy = join(folder, 'copy');
    cpSync(join(root, 'services'), join(copy, 'services'), { recursive: true });
    expect(goldenHistory(copy)).toEqual({
      faults: [],
      gap: expect.stringContaining('there is no git history here') as unknown,
    });
  });
});
