import { findProgram, whereUsable } from '../support/client-tools.js';
import { describeAllStories, describeUploadStories } from './support/all-stories.js';
import { BROKEN_CONNECTION, describeDeaths, KILLED_SFTP } from './support/kills.js';
import { ATOMIC_FOLDER, FOLDER, FOLDER_INSPECTED } from './support/subjects.js';

describeAllStories(FOLDER);
describeUploadStories(FOLDER_INSPECTED);
describeAllStories(ATOMIC_FOLDER);
describeDeaths(FOLDER, BROKEN_CONNECTION, 8, 2);

whereUsable("OpenSSH's sftp, killed", [findProgram('sftp')], (reasonToSkip) => {
  if (reasonToSkip === undefined) describeDeaths(ATOMIC_FOLDER, KILLED_SFTP, 6, 3);
});
