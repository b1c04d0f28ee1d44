/** What is missing when nothing gives a server storage. */
export const BACKEND_IS_MISSING =
  'backend: is missing. Give one, for instance new MemoryBackend() of nestjs-sftpd/memory, or decorate a ' +
  'provider of the application with @SftpBackend()';
