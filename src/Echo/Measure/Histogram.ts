import * as Schema from "effect/Schema"

/** Sub-buckets for each power of two. The resolution is 1 part in 1024, so every quantile is accurate to 0.1 %. */
const BITS = 10
const SUB = 1 << BITS
/** One hour in microseconds. Longer times count as one hour. */
const MAX = 3_600_000_000

/** The index of the bucket for a whole number of microseconds. Buckets are exact below 2048, then there are 1024 for each power of two. */
const bucketOf = (micros: number): number => {
  if (micros < 2 * SUB) return micros
  const shift = 31 - Math.clz32(micros >>> BITS)
  return shift * SUB + (micros >>> shift)
}

/** The largest value of a bucket. Quantiles use it, so they are never too low. */
const upperBound = (bucket: number): number => {
  if (bucket < 2 * SUB) return bucket
  const shift = Math.floor(bucket / SUB) - 1
  return (bucket - shift * SUB + 1) * 2 ** shift - 1
}

/** A histogram between processes: bucket, count, bucket, count ... and the exact minimum and maximum, in microseconds. */
export const HistogramData = Schema.Struct({
  counts: Schema.Array(Schema.Number),
  min: Schema.Number,
  max: Schema.Number,
  sum: Schema.Number
})
export type HistogramData = typeof HistogramData.Type

const Micros = Schema.transform(Schema.Number, Schema.Number, {
  strict: true,
  decode: (ms) => Math.round(ms * 1000),
  encode: (micros) => micros / 1000
})

/** The same in the files of users, which have all times in milliseconds. */
export const HistogramRecord = Schema.Struct({
  counts: Schema.Array(Schema.Number),
  min: Schema.propertySignature(Micros).pipe(Schema.fromKey("minMs")),
  max: Schema.propertySignature(Micros).pipe(Schema.fromKey("maxMs")),
  sum: Schema.propertySignature(Micros).pipe(Schema.fromKey("sumMs"))
})

/** The exact sum of two, without making histograms of them. */
export const sumOf = (a: HistogramData, b: HistogramData): HistogramData => {
  if (a.counts.length === 0 || b.counts.length === 0) return a.counts.length === 0 ? b : a
  const counts: Array<number> = []
  for (let i = 0, j = 0; i < a.counts.length || j < b.counts.length; ) {
    const [left, right] = [a.counts[i] ?? Infinity, b.counts[j] ?? Infinity]
    counts.push(Math.min(left, right), (left <= right ? a.counts[i + 1]! : 0) + (right <= left ? b.counts[j + 1]! : 0))
    if (left <= right) i += 2
    if (right <= left) j += 2
  }
  return { counts, min: Math.min(a.min, b.min), max: Math.max(a.max, b.max), sum: a.sum + b.sum }
}

/** The bucket for all values that are the same to 1 part in 64: the one of the largest of them. */
const coarseBucket = (bucket: number): number => {
  const bits = bucket < 2 * SUB ? Math.max(0, 31 - Math.clz32(bucket) - 6) : 4
  return ((bucket >>> bits) + 1) * 2 ** bits - 1
}

/** The same samples with a resolution of 1 part in 64 in place of 1024, for what is kept long. */
export const coarsen = ({ counts, ...rest }: HistogramData): HistogramData => {
  const coarse: Array<number> = []
  for (let index = 0; index < counts.length; index += 2) {
    const bucket = coarseBucket(counts[index]!)
    const samples = counts[index + 1]!
    if (coarse.at(-2) === bucket) coarse[coarse.length - 1]! += samples
    else coarse.push(bucket, samples)
  }
  return { ...rest, counts: coarse }
}

/**
 * A high dynamic range histogram of times, like Gil Tene's HdrHistogram. It has fixed buckets, so adding two histograms is exact
 * and recording allocates nothing. Times are in milliseconds, from 1 microsecond to 1 hour.
 *
 * The results of several processes must be merged, but Node's `perf_hooks.createHistogram` has no public API to send a histogram
 * to another process (see docs/decisions/0051).
 */
export class Histogram {
  #counts = new Float64Array(2 * SUB)
  #count = 0
  #min = Infinity
  #max = 0
  #sum = 0

  get count(): number {
    return this.#count
  }

  /** The exact minimum in milliseconds. All figures of an empty histogram are `NaN`. */
  get min(): number {
    return this.#count === 0 ? Number.NaN : this.#min / 1000
  }

  get max(): number {
    return this.#count === 0 ? Number.NaN : this.#max / 1000
  }

  get mean(): number {
    return this.#count === 0 ? Number.NaN : this.#sum / this.#count / 1000
  }

  record(milliseconds: number): void {
    const micros = Math.min(MAX, Math.max(0, Math.round(milliseconds * 1000)))
    this.#addTo(bucketOf(micros), 1)
    this.#sum += micros
    if (micros < this.#min) this.#min = micros
    if (micros > this.#max) this.#max = micros
  }

  /** The time in milliseconds that the part `q` (0 to 1) of all samples does not exceed. */
  quantile(q: number): number {
    if (this.#count === 0) return Number.NaN
    const rank = Math.max(1, Math.ceil(q * this.#count))
    let seen = 0
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      seen += this.#counts[bucket]!
      if (seen >= rank) return Math.min(upperBound(bucket), this.#max) / 1000
    }
    return this.max
  }

  /** The part of all samples, from 0 to 1, that is at most this long. */
  shareWithin(milliseconds: number): number {
    if (this.#count === 0) return Number.NaN
    if (milliseconds >= this.max) return 1
    const last = bucketOf(Math.min(MAX, Math.max(0, Math.floor(milliseconds * 1000))))
    let within = 0
    for (let bucket = 0; bucket <= last && bucket < this.#counts.length; bucket++) within += this.#counts[bucket]!
    return within / this.#count
  }

  /** Calls `f` for each bucket that has samples, in ascending order, with its upper bound in milliseconds and the number of samples. */
  forEach(f: (milliseconds: number, count: number) => void): void {
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      const count = this.#counts[bucket]!
      if (count > 0) f(upperBound(bucket) / 1000, count)
    }
  }

  /** Adds all samples of another histogram. The result is the same as if one histogram had recorded them all. */
  add(other: Histogram): void {
    this.#grow(other.#counts.length)
    for (let bucket = 0; bucket < other.#counts.length; bucket++) this.#counts[bucket]! += other.#counts[bucket]!
    this.#count += other.#count
    this.#sum += other.#sum
    this.#min = Math.min(this.#min, other.#min)
    this.#max = Math.max(this.#max, other.#max)
  }

  reset(): void {
    this.#counts.fill(0)
    this.#count = 0
    this.#sum = 0
    this.#min = Infinity
    this.#max = 0
  }

  toData(): HistogramData {
    const counts: Array<number> = []
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      if (this.#counts[bucket] !== 0) counts.push(bucket, this.#counts[bucket]!)
    }
    return { counts, min: this.#count === 0 ? 0 : this.#min, max: this.#max, sum: this.#sum }
  }

  static sum(a: Histogram, b: Histogram): Histogram {
    const sum = new Histogram()
    sum.add(a)
    sum.add(b)
    return sum
  }

  static fromData(data: HistogramData): Histogram {
    const histogram = new Histogram()
    for (let i = 0; i + 1 < data.counts.length; i += 2) histogram.#addTo(data.counts[i]!, data.counts[i + 1]!)
    if (histogram.#count > 0) histogram.#min = data.min
    histogram.#max = data.max
    histogram.#sum = data.sum
    return histogram
  }

  #addTo(bucket: number, count: number): void {
    this.#grow(bucket + 1)
    this.#counts[bucket]! += count
    this.#count += count
  }

  #grow(length: number): void {
    if (length <= this.#counts.length) return
    const counts = new Float64Array(Math.ceil(length / SUB) * SUB)
    counts.set(this.#counts)
    this.#counts = counts
  }
}

/** A histogram that is cut second by second. Its figures are those since the last cut. */
export class CutHistogram extends Histogram {
  /** The samples until the last cut. */
  readonly #before = new Histogram()

  /** Returns the samples since the last cut. */
  cut(): HistogramData {
    const data = this.toData()
    this.#before.add(this)
    super.reset()
    return data
  }

  /** All samples since the last `reset`. */
  get all(): Histogram {
    return Histogram.sum(this.#before, this)
  }

  get countOfAll(): number {
    return this.#before.count + this.count
  }

  override reset(): void {
    super.reset()
    this.#before.reset()
  }
}

export const HistogramFromData = Schema.transform(HistogramData, Schema.instanceOf(Histogram), {
  strict: true,
  decode: (data) => Histogram.fromData(data),
  encode: (histogram) => histogram.toData()
})
