import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';

import { TemporaryFiles } from '../../filesystem/open-files/temporary-file.js';
import { AbandonedUploads } from './clean-up/abandoned-uploads.js';
import type { S3Context } from './s3-context.js';
import type { S3Log } from './s3-options.js';
import type { S3Settings } from './s3-settings.js';
import { type ImportPackage, loadPackages, type S3Sdk } from './sdk.js';
import { isDenied, isMissingBucket, startProblem } from './start-problem.js';
import { httpAgents } from './store/http-agents.js';
import { ObjectStore } from './store/object-store.js';
import { RangedGetHandler } from './store/ranged-gets/ranged-get-handler.js';
import { TransferBuffers } from './transfer-buffers.js';
import { TransferMemory } from './transfer-memory.js';
import { TreeMemory } from './tree/tree-context.js';
import { ConditionalWrites } from './writing/conditional-writes.js';
import { OpenUploads } from './writing/open-uploads.js';

/** Connections to the store at once: many transfers, each with some requests on their way. */
const MAX_SOCKETS = 256;
/** Milliseconds after which a connection for ranges that nobody uses is closed: before most stores close it. */
const IDLE_TIMEOUT = 4000;

/** A backend that has been started. */
export interface StartedBackend {
  readonly context: S3Context;
  readonly abandonedUploads: AbandonedUploads;
  /** Lets go of the client, if it is the backend's own. */
  stop(): Promise<void>;
}

/**
 * Loads the SDK, makes the client, and sees that the bucket can be used.
 *
 * @param load how packages are loaded
 * @throws S3PackagesMissingError, S3StartError naming the option and the fix
 */
export async function startBackend(
  settings: S3Settings,
  load?: ImportPackage,
): Promise<StartedBackend> {
  const { sdk, libStorage } = await loadPackages(load);
  const client = settings.client ?? newClient(sdk, settings);
  const store = new ObjectStore(sdk, client, {
    bucket: settings.bucket,
    placement: placementOf(settings),
    requestTimeout: settings.requestTimeout,
    transferTimeout: settings.transferTimeout,
  });
  try {
    await checkBucket(store, settings);
  } catch (error) {
    if (settings.client === undefined) client.destroy();
    throw error;
  }
  const context: S3Context = {
    store,
    libStorage,
    settings,
    uploadMemory: new TransferMemory(settings.maxUploadMemoryBytes),
    downloadMemory: new TransferMemory(settings.maxDownloadMemoryBytes),
    partBuffers: new TransferBuffers(settings.partSize, settings.uploadConcurrency + 2),
    rangeBuffers: new TransferBuffers(settings.downloadRangeSize, settings.downloadConcurrency),
    temporaryFiles: new TemporaryFiles(settings.temporaryDirectory, settings.maxTemporaryBytes),
    openUploads: new OpenUploads(),
    conditionalWrites: new ConditionalWrites(settings.log),
    tree: new TreeMemory(),
  };
  const abandonedUploads = new AbandonedUploads(context);
  abandonedUploads.start();
  return {
    context,
    abandonedUploads,
    async stop() {
      await abandonedUploads.stop();
      if (settings.client === undefined) client.destroy();
    },
  };
}

function newClient(sdk: S3Sdk, settings: S3Settings): S3Client {
  const { region, endpoint, forcePathStyle, credentials, maxAttempts } = settings;
  const { connectionTimeout, socketTimeout } = settings;
  const client = new sdk.S3Client({
    region,
    forcePathStyle,
    maxAttempts,
    logger: sdkLogger(settings.log),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && { credentials }),
    // The SDK's default wraps streams into chunks with a trailer, which many stores do not know.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout,
      socketTimeout,
      ...httpAgents({ keepAlive: true, maxSockets: MAX_SOCKETS }),
    },
  });
  // The handler that the client has made of these options is the one for all that is no GET of a range.
  client.config.requestHandler = new RangedGetHandler(client.config.requestHandler, {
    maxSockets: MAX_SOCKETS,
    timeouts: { connect: connectionTimeout, silence: socketTimeout, idle: IDLE_TIMEOUT },
  });
  return client;
}

/**
 * What the SDK tells of. Without `info`, which its default has and discards: the SDK takes a copy of each answer for
 * it, down to each entry of a listing.
 */
function sdkLogger(log: S3Log): NonNullable<S3ClientConfig['logger']> {
  const discard = (): void => undefined;
  const logger: Partial<NonNullable<S3ClientConfig['logger']>> = {
    debug: discard,
    error: discard,
    warn: (message: unknown) => {
      log.warn(String(message));
    },
  };
  return logger as NonNullable<S3ClientConfig['logger']>;
}

function placementOf(
  settings: S3Settings,
): ConstructorParameters<typeof ObjectStore>[2]['placement'] {
  const { acl, storageClass, serverSideEncryption } = settings;
  return {
    ...(acl && { ACL: acl }),
    ...(storageClass && { StorageClass: storageClass }),
    ...(serverSideEncryption && { ServerSideEncryption: serverSideEncryption.algorithm }),
    ...(serverSideEncryption?.kmsKeyId !== undefined && {
      SSEKMSKeyId: serverSideEncryption.kmsKeyId,
    }),
  };
}

/** A listing tells more than HEAD: why it fails, and whether what the backend does most is allowed. */
async function checkBucket(store: ObjectStore, settings: S3Settings): Promise<void> {
  const { prefix, createBucket, log } = settings;
  const ownPrefix = typeof prefix === 'string' ? prefix : undefined;
  try {
    await store.list({ prefix: ownPrefix ?? '', maxKeys: 1 });
  } catch (error) {
    if (isMissingBucket(error) && createBucket) {
      await makeBucket(store, settings);
      return;
    }
    // Whoever gives each session a prefix may have allowed those alone.
    if (ownPrefix === undefined && isDenied(error)) {
      log.warn(
        'The bucket may not be listed as a whole: only the prefixes of sessions will show whether it can be used',
      );
      return;
    }
    throw startProblem(error, settings);
  }
}

async function makeBucket(store: ObjectStore, settings: S3Settings): Promise<void> {
  try {
    await store.createBucket();
  } catch (error) {
    throw startProblem(error, settings);
  }
  settings.log.log(`Made the bucket "${settings.bucket}"`);
}
