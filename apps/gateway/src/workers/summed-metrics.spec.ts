import { describe, expect, it } from '@jest/globals';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { Metrics } from '../http/metrics.js';
import { SummedMetrics } from './summed-metrics.js';

/** A process that counts as the server does. */
class Measuring {
  readonly #metrics = new Metrics();
  readonly #meter = this.#metrics.provider.getMeter('test');
  readonly uploads = this.#meter.createCounter('uploads');
  readonly sessions = this.#meter.createUpDownCounter('sessions');
  readonly duration = this.#meter.createHistogram('duration', {
    unit: 's',
    advice: { explicitBucketBoundaries: [1, 10] },
  });

  constructor(readonly id: number) {}

  async tell(sum: SummedMetrics): Promise<void> {
    sum.update(this.id, structuredClone(await this.#metrics.collect()));
  }
}

/** Lines of the text format, without comments. */
function linesOf(sum: SummedMetrics): string[] {
  const resource = { attributes: {}, merge: () => resource, getRawAttributes: () => [] };
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  const text = serializer.serialize({ resource, scopeMetrics: sum.total() });
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('SummedMetrics', () => {
  it('adds up counters, histograms and up-down counters, series by series', async () => {
    const sum = new SummedMetrics();
    const [one, two] = [new Measuring(1), new Measuring(2)];
    one.uploads.add(2, { outcome: 'completed', why: 'x' });
    two.uploads.add(3, { why: 'x', outcome: 'completed' });
    two.uploads.add(1, { outcome: 'aborted' });
    one.sessions.add(4);
    two.sessions.add(5);
    two.sessions.add(-1);
    one.duration.record(0.5);
    two.duration.record(5);
    two.duration.record(50);
    for (const process of [one, two]) await process.tell(sum);
    expect(linesOf(sum)).toEqual([
      'uploads_total{outcome="completed",why="x"} 5',
      'uploads_total{outcome="aborted"} 1',
      'sessions 8',
      'duration_count 3',
      'duration_sum 55.5',
      'duration_bucket{le="1"} 1',
      'duration_bucket{le="10"} 2',
      'duration_bucket{le="+Inf"} 3',
    ]);
  });

  it('keeps what a process that is gone has counted, and nothing of what it had open', async () => {
    const sum = new SummedMetrics();
    const [one, two, three] = [new Measuring(1), new Measuring(2), new Measuring(3)];
    for (const process of [one, two]) {
      process.uploads.add(1);
      process.sessions.add(1);
      process.duration.record(2);
      await process.tell(sum);
      // What was told before is not counted again.
      process.uploads.add(1);
      await process.tell(sum);
    }
    sum.retire(1);
    sum.retire(2);
    expect(linesOf(sum)).toContain('uploads_total 4');
    expect(linesOf(sum)).toContain('duration_bucket{le="10"} 2');
    expect(linesOf(sum).some((line) => line.startsWith('sessions'))).toBe(false);
    three.uploads.add(1);
    three.sessions.add(1);
    await three.tell(sum);
    expect(linesOf(sum)).toEqual(expect.arrayContaining(['uploads_total 5', 'sessions 1']));
  });
});
