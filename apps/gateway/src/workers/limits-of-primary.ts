import type { CountLimit, FullCount, LockoutRules, LockoutStore, PlacesStore } from 'nestjs-sftpd';
import type { SharedOptions } from '../app.module.js';
import type { IpcCalls } from './ipc-calls.js';
import type { PrimaryCalls } from './worker-calls.js';

type Primary = Pick<IpcCalls<PrimaryCalls>, 'call'>;

/** Connections, counted by the primary for all workers. */
class PrimaryPlacesStore implements PlacesStore {
  constructor(private readonly primary: Primary) {}

  take(holder: string, counts: readonly CountLimit[]): Promise<FullCount | undefined> {
    return this.primary.call('take', holder, counts);
  }

  giveBack(holder: string, names?: readonly string[]): Promise<void> {
    return this.primary.call('giveBack', holder, names);
  }
}

/** Failed log-ins, counted by the primary for all workers. */
class PrimaryLockoutStore implements LockoutStore {
  constructor(private readonly primary: Primary) {}

  fail(address: string, rules: LockoutRules): Promise<number> {
    return this.primary.call('fail', address, rules);
  }

  lockedFor(address: string): Promise<number> {
    return this.primary.call('lockedFor', address);
  }

  forgive(address: string, failures: number): Promise<void> {
    return this.primary.call('forgive', address, failures);
  }
}

/** Limits that hold for all workers together, as options of the server. */
export function limitsOfPrimary(primary: Primary): SharedOptions {
  return {
    placesStore: new PrimaryPlacesStore(primary),
    lockout: { store: new PrimaryLockoutStore(primary) },
  };
}
