import { describeAllStories, describeUploadStories } from './support/all-stories.js';
import { BROKEN_CONNECTION, describeDeaths } from './support/kills.js';
import { STREAMING_ONLY, STREAMING_ONLY_INSPECTED, WHOLE_FILE_ONLY } from './support/subjects.js';

describeAllStories(STREAMING_ONLY);
describeUploadStories(STREAMING_ONLY_INSPECTED);
describeAllStories(WHOLE_FILE_ONLY);
describeDeaths(STREAMING_ONLY, BROKEN_CONNECTION, 10, 6);
