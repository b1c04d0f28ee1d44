const CHANNELS = ['server', 'connection', 'authentication', 'operation'];
const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

/** The names of all that the tracing channels of the package can tell. */
export const TRACING_NAMES = CHANNELS.flatMap((channel) =>
  EVENTS.map((event) => `tracing:nestjs-sftpd:${channel}:${event}`),
);
