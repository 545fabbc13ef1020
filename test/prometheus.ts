import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from '../infra/error-code.ts';
import { freePorts } from '../infra/stack/free-port.ts';
import { lastLines, launch, untilAnswering } from '../infra/stack/launch.ts';
import { endGroup, isAlive } from '../infra/stack/processes.ts';
import { eventually } from './eventually.ts';
import { serverThat } from './server-that.ts';

const run = promisify(execFile);

export interface PrometheusServer {
  readonly url: string;
  stop(): Promise<void>;
}

interface Given {
  /** What an exporter shows, scraped every three seconds, so that one slow answer is no failed scrape: lines of the text format. */
  readonly exposition?: string;
  /** Groups of rules, YAML. */
  readonly rules?: string;
  /** What was scraped before: OpenMetrics with a time stamp, in seconds, at each sample. Each two hours cost a moment. */
  readonly history?: string;
}

/** A Prometheus of one's own, on loopback, that has scraped what there is to scrape. Wants Debian's package `prometheus`. */
export async function startPrometheus({ exposition = '', history, rules }: Given): Promise<PrometheusServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'prometheus-'));
  const at = (name: string) => path.join(folder, name);
  const exporter = await serverThat((_request, response) => response.end(exposition));
  await writeFile(at('rules.yaml'), rules ?? 'groups: []\n');
  await writeFile(at('prometheus.yaml'), configuration(new URL(exporter.uri).host));
  if (history !== undefined) {
    await writeFile(at('history.txt'), `${history}# EOF\n`);
    await run('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', at('history.txt'), at('data')]).catch(
      explained,
    );
  }
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `--config.file=${at('prometheus.yaml')}`,
    `--storage.tsdb.path=${at('data')}`,
    '--storage.tsdb.retention.time=100y',
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ];
  const { identity } = await launch({ file: 'prometheus', args, env: {} }, at('log')).catch(explained);
  const stop = async () => {
    exporter.close();
    await endGroup(identity, 5000);
    await rm(folder, { recursive: true, force: true });
  };
  const ended = () => (isAlive(identity) ? undefined : 'its process has ended');
  try {
    await untilAnswering(`${url}/-/ready`, { withinMs: 30_000, givenUp: ended });
    await eventually(async () => scraped(url), Boolean);
    await eventually(async () => evaluated(url), Boolean);
  } catch (cause) {
    const log = await lastLines(at('log'), 15);
    await stop();
    throw new Error(`Prometheus did not start:\n${log}`, { cause });
  }
  return { url, stop };
}

function explained(cause: unknown): never {
  if (errorCode(cause) !== 'ENOENT' && !String(cause).includes('ENOENT')) throw cause;
  throw new Error('prometheus and promtool are not on the PATH: apt-get install prometheus', { cause });
}

const configuration = (target: string) => `
global: { scrape_interval: 3s, scrape_timeout: 3s, evaluation_interval: 500ms }
rule_files: [rules.yaml]
scrape_configs: [{ job_name: exporter, static_configs: [{ targets: ['${target}'] }] }]
`;

async function scraped(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/api/v1/query?query=up`);
  return (await answer.text()).includes('"1"');
}

/** Whether each group of rules was evaluated at least once: a time that is not set is that of the year 1. */
async function evaluated(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/api/v1/rules`);
  return !(await answer.text()).includes('"0001-01-01T00:00:00Z"');
}
