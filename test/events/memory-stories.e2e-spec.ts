import { describeAllStories, describeConnections } from './support/all-stories.js';
import { BROKEN_CONNECTION, describeDeaths } from './support/kills.js';
import {
  MEMORY,
  MEMORY_WITHOUT_GATES,
  STREAMING_ONLY,
  STREAMING_ONLY_INSPECTED,
  WHOLE_FILE_ONLY,
} from './support/subjects.js';

describeConnections(MEMORY);
for (const subject of [
  MEMORY,
  MEMORY_WITHOUT_GATES,
  STREAMING_ONLY,
  STREAMING_ONLY_INSPECTED,
  WHOLE_FILE_ONLY,
]) {
  describeAllStories(subject);
  describeDeaths(subject, BROKEN_CONNECTION, 12, 1);
}
