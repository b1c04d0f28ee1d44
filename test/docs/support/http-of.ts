import { eventually } from '../../s3/support/eventually.js';

/** An application's HTTP server on the loopback interface. */
export class HttpOf {
  readonly #origin: string;

  constructor(port: number) {
    this.#origin = `http://127.0.0.1:${port}`;
  }

  /** Waits until it takes connections. */
  async listens(): Promise<void> {
    await eventually('the HTTP server takes connections', () =>
      this.ask('GET', '/').then(
        () => true,
        () => false,
      ),
    );
  }

  async ask(method: string, path: string): Promise<{ status: number; body: string }> {
    const headers = { connection: 'close' };
    const response = await fetch(`${this.#origin}${path}`, { method, headers });
    return { status: response.status, body: await response.text() };
  }
}
