export { FolderBackend } from './folder-backend.js';
export type { FolderBackendOptions, FolderLog } from './folder-options.js';
