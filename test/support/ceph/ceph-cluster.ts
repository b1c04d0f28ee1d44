import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

import { runOk } from '../run-program.js';
import { cephConfig, monitorAddress, type CephPlan } from './ceph-config.js';
import { Daemon, supervised, SUPERVISOR } from './daemon.js';

const START_MS = 60_000;
const POLL_MS = 25;

/** The keys of the one account. */
export interface CephKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The processes of a cluster: a monitor, a storage daemon and a gateway that speaks S3. */
export class CephCluster {
  readonly #plan: CephPlan;
  readonly #daemons: Daemon[] = [];
  #gateway: Daemon | undefined;

  constructor(plan: CephPlan) {
    this.#plan = plan;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#plan.port}`;
  }

  /** Starts all of it with one account; what has been started stays to be stopped when it fails. */
  async start(keys: CephKeys): Promise<void> {
    const plan = this.#plan;
    for (const name of ['mon', 'osd', 'rgw', 'crash']) await mkdir(this.#path(name));
    await writeFile(this.#path('ceph.conf'), cephConfig(plan));
    const map = this.#path('monmap');
    const made = ['--create', '--fsid', plan.clusterId, '--addv', 'a', monitorAddress(plan), map];
    await this.#run('monmaptool', made);
    await this.#work('ceph-mon', ['--mkfs', '-i', 'a', '--monmap', map]);
    await this.#launch('ceph-mon', ['-i', 'a'], 'mon.a.log');
    await this.#work('ceph', ['--connect-timeout', '20', 'osd', 'new', plan.storageId]);
    await this.#work('ceph-osd', ['-i', '0', '--mkfs', '--osd-uuid', plan.storageId]);
    await this.#launch('ceph-osd', ['-i', '0'], 'osd.0.log');
    // The account comes first: then the gateway finds its zone made.
    await this.#work('radosgw-admin', [
      ...['-n', 'client.rgw', 'user', 'create', '--uid', 'tests', '--display-name', 'Tests'],
      ...['--access-key', keys.accessKeyId, '--secret-key', keys.secretAccessKey],
    ]);
    await this.startGateway();
  }

  /** Starts the gateway and waits until it answers. */
  async startGateway(): Promise<void> {
    if (this.#gateway?.running) throw new Error('The gateway runs already');
    const gateway = await this.#launch('radosgw', ['-n', 'client.rgw'], 'client.rgw.log');
    this.#gateway = gateway;
    const limit = performance.now() + START_MS;
    while (!(await answers(this.endpoint))) {
      if (!gateway.running) throw await gateway.failure('has ended');
      if (performance.now() > limit) throw await gateway.failure(`is not ready in ${START_MS} ms`);
      await setTimeout(POLL_MS);
    }
  }

  async killGateway(): Promise<void> {
    await this.#gateway?.kill();
  }

  /** Nothing of it is worth an orderly end. */
  async stop(): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.kill()));
  }

  async #launch(program: string, args: readonly string[], log: string): Promise<Daemon> {
    const { directory } = this.#plan;
    const all = ['-c', this.#path('ceph.conf'), '-f', ...args];
    const daemon = await Daemon.start(directory, program, all, [this.#path(log)]);
    this.#daemons.push(daemon);
    return daemon;
  }

  /** Runs one of Ceph's programs; a daemon that has died explains its failure. */
  async #work(program: string, args: readonly string[]): Promise<void> {
    try {
      await this.#run(program, ['-c', this.#path('ceph.conf'), ...args]);
    } catch (error) {
      for (const daemon of this.#daemons) {
        if (!daemon.running) throw await daemon.failure(`has ended before ${program} was done`);
      }
      throw error;
    }
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    const home = this.#plan.directory;
    await runOk(SUPERVISOR, supervised(program, args), { home, timeout: START_MS });
  }

  #path(name: string): string {
    return `${this.#plan.directory}/${name}`;
  }
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    const answer = await fetch(endpoint, { signal: AbortSignal.timeout(2000) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
