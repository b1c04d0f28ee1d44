import { randomUUID } from 'node:crypto';

/** Ports that one cluster needs in a row: the gateway's, the monitor's, and those the storage daemon picks from. */
export const PORTS_PER_CLUSTER = 20;

/** What a cluster is started with. */
export interface CephPlan {
  /** Where all its files are. */
  readonly directory: string;
  /** The first of {@link PORTS_PER_CLUSTER} ports. */
  readonly port: number;
  readonly clusterId: string;
  readonly storageId: string;
}

/** A plan for a new cluster. */
export function newPlan(directory: string, port: number): CephPlan {
  return { directory, port, clusterId: randomUUID(), storageId: randomUUID() };
}

/** Address of the monitor, in Ceph's notation. */
export function monitorAddress({ port }: CephPlan): string {
  return `[v2:127.0.0.1:${port + 1}]`;
}

/**
 * The configuration of one monitor, one storage daemon that keeps everything in memory, and one gateway, all of
 * them on the loopback interface, without authentication among themselves and without a second copy of anything.
 */
export function cephConfig(plan: CephPlan): string {
  const { directory, port, clusterId } = plan;
  return `
[global]
fsid = ${clusterId}
mon host = ${monitorAddress(plan)}
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind msgr1 = false
ms bind port min = ${port + 2}
ms bind port max = ${port + PORTS_PER_CLUSTER - 1}
auth supported = none
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms client mode = crc
ms cluster mode = crc
ms service mode = crc

run dir = ${directory}
crash dir = ${directory}/crash
log file = ${directory}/$name.log
admin socket =
keyring = ${directory}/keyring
mon data = ${directory}/mon
osd data = ${directory}/osd
rgw data = ${directory}/rgw

# With the defaults, every step of the start waits for others that will never come.
paxos propose interval = 0.05
paxos min wait = 0.01
mon osd min in ratio = 0
mon data avail crit = 1
mon data avail warn = 1
mon max pg per osd = 1000
osd heartbeat grace = 120
# A gateway that was killed is not waited for when another one changes a bucket.
osd client watch timeout = 3
osd default notify timeout = 3
osd objectstore = memstore
memstore device bytes = 8589934592
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
debug mon = 0/0
debug paxos = 0/0
debug ms = 0/0
debug osd = 0/0
debug rgw = 1/1

[client.rgw]
# Without tcp_nodelay every request takes 40 ms.
rgw frontends = beast endpoint=127.0.0.1:${port} tcp_nodelay=1
rgw thread pool size = 64
rgw enable usage log = false
rgw enable ops log = false
rgw dynamic resharding = false
# What was removed frees its memory soon.
rgw gc obj min wait = 5
rgw gc processor period = 5
rgw gc processor max time = 5
`;
}
