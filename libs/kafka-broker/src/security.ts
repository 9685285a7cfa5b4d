import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const OPENSSL_TIMEOUT_MS = 20_000;
const DAYS = '30';
const MECHANISM = 'SCRAM-SHA-512';
const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Who may log in on a broker's secured listener, by name with the password; the `admin` may do everything. */
export type Security = {
  readonly users: Readonly<Record<string, string>>;
  readonly admin: string;
};

/** What clients need to be let in, beside a name and its password. */
export type Certificates = { readonly ca: string; readonly cert: string; readonly key: string };

const openssl = (folder: string, values: readonly string[]) =>
  promisify(execFile)('openssl', values, { cwd: folder, timeout: OPENSSL_TIMEOUT_MS });

const textIn = (folder: string, file: string): string => readFileSync(join(folder, file), 'utf8');

/**
 * A certificate authority of our own, and what it signed for the broker and for its clients, in `<folder>/tls`. Made by
 * `openssl`, once. Throws where there is none.
 */
export const certificatesIn = async (folder: string): Promise<Certificates> => {
  const tls = join(folder, 'tls');
  if (!existsSync(join(tls, 'server.pem'))) {
    mkdirSync(tls, { recursive: true });
    const subject = ['-subj', '/CN=throughline-test-ca'];
    const authority = ['-keyout', 'ca.key', '-out', 'ca.pem', ...subject];
    await openssl(tls, ['req', '-x509', ...EC_KEY, '-days', DAYS, ...authority]);
    await sign(tls, 'client', 'throughline');
    await sign(tls, 'broker', 'kafka', 'subjectAltName=IP:127.0.0.1');
    // Kafka takes a key and its certificates from one file.
    writeFileSync(join(tls, 'server.pem'), textIn(tls, 'broker.key') + textIn(tls, 'broker.pem'));
  }
  return {
    ca: textIn(tls, 'ca.pem'),
    cert: textIn(tls, 'client.pem'),
    key: textIn(tls, 'client.key'),
  };
};

const sign = async (tls: string, file: string, name: string, extension?: string): Promise<void> => {
  const key = ['-keyout', `${file}.key`, '-out', `${file}.csr`, '-subj', `/CN=${name}`];
  await openssl(tls, ['req', ...EC_KEY, ...key, ...(extension ? ['-addext', extension] : [])]);
  const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
  const made = ['-copy_extensions', 'copy', '-days', DAYS, '-out', `${file}.pem`];
  await openssl(tls, ['x509', '-req', '-in', `${file}.csr`, ...authority, ...made]);
};

/**
 * What the broker is told besides: a second listener, on which clients show a certificate and log in, and rights for what
 * they do there. The first one stays open to this machine and may do everything, as before.
 */
export const securitySettings = (
  folder: string,
  { admin }: Security,
): Readonly<Record<string, string>> => {
  const listener = 'listener.name.secured';
  const login = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  return {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': `User:ANONYMOUS;User:${admin}`,
    'sasl.enabled.mechanisms': MECHANISM,
    [`${listener}.scram-sha-512.sasl.jaas.config`]: login,
    [`${listener}.ssl.keystore.type`]: 'PEM',
    [`${listener}.ssl.keystore.location`]: join(folder, 'tls/server.pem'),
    [`${listener}.ssl.truststore.type`]: 'PEM',
    [`${listener}.ssl.truststore.location`]: join(folder, 'tls/ca.pem'),
    [`${listener}.ssl.client.auth`]: 'required',
  };
};

/** Says to the formatter of a new storage who may log in. */
export const formatUsers = ({ users }: Security): readonly string[] =>
  Object.entries(users).flatMap(([name, password]) => [
    '--add-scram',
    `${MECHANISM}=[name=${name},password=${password}]`,
  ]);
