import { findProgram, whereUsable } from '../../support/client-tools.js';
import { ACKNOWLEDGEMENTS } from '../stories/acknowledgements.js';
import { CHANGES } from '../stories/changes.js';
import { CONNECTIONS } from '../stories/connections.js';
import { CUT_OFF } from '../stories/cut-off.js';
import { DIGESTS } from '../stories/digests.js';
import { DOWNLOADS } from '../stories/downloads.js';
import { FAILURES } from '../stories/failures.js';
import { GATE_STORIES } from '../stories/gates.js';
import { LARGE } from '../stories/large.js';
import { OPEN_SSH } from '../stories/open-ssh.js';
import { SIDE_BY_SIDE } from '../stories/side-by-side.js';
import { STOPS } from '../stories/stops.js';
import { UPLOADS } from '../stories/uploads.js';
import { VETO_STORIES } from '../stories/vetoes.js';
import { describeStories } from './story.js';
import type { Subject } from './subjects.js';

/** Declares the tests of all stories whose outcome may depend on the storage. */
export function describeAllStories(subject: Subject): void {
  describeUploadStories(subject);
  describeStories(subject, 'changes of names', CHANGES);
  describeStories(subject, 'downloads', DOWNLOADS);
  whereUsable(`OpenSSH's sftp over ${subject.name}`, [findProgram('sftp')], (reasonToSkip) => {
    if (reasonToSkip === undefined) describeStories(subject, "OpenSSH's sftp", OPEN_SSH);
  });
}

/** Declares the tests of those that are about uploads: enough where gates change only how files are written. */
export function describeUploadStories(subject: Subject): void {
  describeStories(subject, 'uploads', UPLOADS);
  describeStories(subject, 'uploads side by side', SIDE_BY_SIDE);
  describeStories(subject, 'large uploads', LARGE);
  describeStories(subject, 'uploads that are cut off', CUT_OFF);
  describeStories(subject, 'calls that fail', FAILURES);
  describeStories(subject, 'digests', DIGESTS);
  describeStories(subject, 'the end of the server', STOPS);
  if (subject.gated) {
    describeStories(subject, 'gates', GATE_STORIES);
    describeStories(subject, 'acknowledgements', ACKNOWLEDGEMENTS);
    describeStories(subject, 'vetoes', VETO_STORIES);
  }
}

/** Declares the tests of what happens to connections. */
export function describeConnections(subject: Subject): void {
  describeStories(subject, 'connections', CONNECTIONS);
}
