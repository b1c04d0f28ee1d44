import { findProgram, whereUsable } from '../support/client-tools.js';
import { describeAllStories } from './support/all-stories.js';
import { BROKEN_CONNECTION, describeDeaths, KILLED_SFTP } from './support/kills.js';
import { ATOMIC_FOLDER, FOLDER, MEMORY } from './support/subjects.js';

for (const subject of [FOLDER, ATOMIC_FOLDER]) {
  describeAllStories(subject);
  describeDeaths(subject, BROKEN_CONNECTION, 12, 2);
}

whereUsable("OpenSSH's sftp, killed", [findProgram('sftp')], (reasonToSkip) => {
  if (reasonToSkip !== undefined) return;
  for (const subject of [MEMORY, ATOMIC_FOLDER]) describeDeaths(subject, KILLED_SFTP, 6, 3);
});
