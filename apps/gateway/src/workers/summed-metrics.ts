import type { MeasuredScope } from '../http/metrics.js';

type Metric = MeasuredScope['metrics'][number];
type Sum = Extract<Metric, { readonly isMonotonic: boolean }>;
type Histograms = Extract<
  Metric,
  { readonly dataPoints: { readonly value: { readonly buckets: unknown } }[] }
>;
/** What can be added up. */
type Summable = Sum | Histograms;
type Histogram = Histograms['dataPoints'][number]['value'];
type Point<T> = Omit<Metric['dataPoints'][number], 'value'> & { readonly value: T };

/**
 * The metrics of several processes as one: counters, histograms and up-down counters are added up, series by series.
 * What a process that is gone has counted stays in the sum, so that no counter goes back.
 */
export class SummedMetrics {
  readonly #latest = new Map<number, readonly MeasuredScope[]>();
  #gone: readonly MeasuredScope[] = [];

  /** What a process has measured until now. */
  update(process: number, metrics: readonly MeasuredScope[]): void {
    this.#latest.set(process, metrics);
  }

  /** A process is gone: what it had open is over, and what it has counted stays. */
  retire(process: number): void {
    const last = this.#latest.get(process);
    this.#latest.delete(process);
    if (last !== undefined) this.#gone = sum([this.#gone, last.map(counted)]);
  }

  /** All of them together. */
  total(): MeasuredScope[] {
    return sum([this.#gone, ...this.#latest.values()]);
  }
}

/** What is only counted, and not there at one moment and gone at another. */
function counted({ scope, metrics }: MeasuredScope): MeasuredScope {
  return { scope, metrics: metrics.filter((metric) => isSummable(metric) && isCumulative(metric)) };
}

function sum(all: readonly (readonly MeasuredScope[])[]): MeasuredScope[] {
  const scopes = new Map<string, MeasuredScope & { readonly byName: Map<string, Summable> }>();
  for (const { scope, metrics } of all.flat()) {
    const { name, version = '' } = scope;
    const key = JSON.stringify([name, version]);
    const summed = scopes.get(key) ?? { scope, metrics: [], byName: new Map<string, Summable>() };
    scopes.set(key, summed);
    for (const metric of metrics.filter(isSummable)) {
      const former = summed.byName.get(metric.descriptor.name);
      summed.byName.set(metric.descriptor.name, former ? added(former, metric) : metric);
    }
  }
  return [...scopes.values()].map(({ scope, byName }) => ({
    scope,
    metrics: [...byName.values()],
  }));
}

function added(one: Summable, other: Summable): Summable {
  if (isSum(one)) {
    if (!isSum(other)) return one;
    return { ...one, dataPoints: addPoints(one.dataPoints, other.dataPoints, (a, b) => a + b) };
  }
  if (isSum(other)) return one;
  return { ...one, dataPoints: addPoints(one.dataPoints, other.dataPoints, addHistograms) };
}

/** Adds the points that have the same attributes. */
function addPoints<T>(
  some: readonly Point<T>[],
  others: readonly Point<T>[],
  add: (one: T, other: T) => T,
): Point<T>[] {
  const points = new Map<string, Point<T>>();
  for (const point of [...some, ...others]) {
    const series = seriesOf(point);
    const former = points.get(series);
    points.set(series, former ? { ...former, value: add(former.value, point.value) } : point);
  }
  return [...points.values()];
}

function addHistograms(one: Histogram, other: Histogram): Histogram {
  const { boundaries } = one.buckets;
  const counts = one.buckets.counts.map((count, n) => count + (other.buckets.counts[n] ?? 0));
  return {
    buckets: { boundaries, counts },
    count: one.count + other.count,
    sum: (one.sum ?? 0) + (other.sum ?? 0),
  };
}

function seriesOf({ attributes }: Point<unknown>): string {
  return JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What can be added up; a gauge cannot. */
function isSummable(metric: Metric): metric is Summable {
  return isSum(metric) || metric.dataPoints.some(({ value }) => isHistogram(value));
}

function isSum(metric: Metric): metric is Sum {
  return 'isMonotonic' in metric;
}

function isHistogram(value: unknown): value is Histogram {
  return typeof value === 'object' && value !== null && 'buckets' in value;
}

function isCumulative(metric: Summable): boolean {
  return !isSum(metric) || metric.isMonotonic;
}
