import {
  describeAllStories,
  describeConnections,
  describeUploadStories,
} from './support/all-stories.js';
import { BROKEN_CONNECTION, describeDeaths } from './support/kills.js';
import { MEMORY, MEMORY_WITHOUT_GATES } from './support/subjects.js';

describeConnections(MEMORY);
describeAllStories(MEMORY);
describeUploadStories(MEMORY_WITHOUT_GATES);
describeDeaths(MEMORY, BROKEN_CONNECTION, 10, 1);
