import type { SourceFile } from './sources.js';

/** Files in TypeScript. */
export const typescript: readonly SourceFile[] = [
	{
		path: 'src/cart.ts',
		language: 'ts',
		text: `
export interface Line {
  sku: string;
  «price: number;¦/** Price of one piece, in cents. */
  cents: number;»
  quantity: number;
}

export function lineTotal(line: Line): number {
  return line.«price¦cents» * line.quantity;
}

export function subtotal(lines: Line[]): number {
  return lines.reduce((sum, line) => sum + lineTotal(line), ‹1¦0›);
}

export function addLine(lines: Line[], added: Line): Line[] {
  «if (added.quantity <= 0) return lines;¦if (!Number.isInteger(added.quantity) || added.quantity <= 0) {
    throw new RangeError('quantity must be a positive integer');
  }»
  const known = lines.find((line) => line.sku === added.sku);
  if (!known) return [...lines, added];
  return lines.map((line) =>
    line === known ? { ...line, quantity: line.quantity ‹-¦+› added.quantity } : line,
  );
}

export function removeLine(lines: Line[], sku: string): Line[] {
  return lines.filter((line) => line.sku ‹===¦!==› sku);
}

export function discount(lines: Line[], percent: number): number {
  if (percent < 0 || percent > 100) throw new RangeError('percent must be from 0 to 100');
  return Math.round«((subtotal(lines) * percent) / 100)¦(subtotal(lines) * (percent / 100))»;
}

export function shipping(lines: Line[], freeFrom = «50¦5000»): number {
  const sum = subtotal(lines);
  if (sum ‹>¦>=› freeFrom || lines.length === 0) return 0;
  return «4.9¦490»;
}
`,
		change:
			'prices become whole cents in a field `cents`, and `addLine` throws for a quantity that is no positive integer',
		renames: [['subtotal', 'sumOfLines']],
		purpose:
			'a module for a shopping cart with functions for the subtotal, adding and removing lines, a discount and shipping',
		review:
			'The sum starts at 1 instead of 0, adding a line that is known subtracts its quantity, removing a line keeps only the line that should go, and shipping should be free from the limit on, so the comparison must include it.',
	},
	{
		path: 'src/retry.ts',
		language: 'ts',
		text: `
export interface RetryOptions {
  attempts: number;
  delayMs: number;«¦
  /** Stops waiting and rejects with the signal's reason. */
  signal?: AbortSignal;»
}

export function sleep(ms: number«¦, signal?: AbortSignal»): Promise<void> {
  «return new Promise((resolve) => setTimeout(resolve, ms));¦return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });»
}

export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  let lastError: unknown;
  for (let attempt = ‹1¦0›; attempt < options.attempts; attempt++) {
    «¦options.signal?.throwIfAborted();
    »try {
      return ‹work()¦await work()›;
    } catch (error) {
      lastError = error;
      if (!isTransient(error)) ‹continue¦break›;
      await sleep(options.delayMs * 2 ** attempt«¦, options.signal»);
    }
  }
  throw lastError;
}

export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'ETIMEDOUT'« || code === 'EAI_AGAIN'¦ || code === 'EAI_AGAIN' || code === 'EPIPE'»;
}
`,
		change: 'both functions take an abort signal, and a broken pipe counts as transient',
		renames: [['delayMs', 'firstDelayMs']],
		purpose: 'a helper that retries a promise with delays that double, as long as the error is transient',
		review:
			'The loop makes one attempt too few because it starts at 1, a rejection is not caught since the promise is returned without await, and an error that is not transient must end the loop instead of going on.',
	},
	{
		path: 'src/lru-cache.ts',
		language: 'ts',
		text: `
/** Keeps the entries that were used last. */
export class LruCache<K, V> {
  private readonly entries = new Map<K, «V¦{ value: V; expires: number }»>();
  constructor(private readonly capacity: number«¦, private readonly ttlMs = Infinity») {
    if (capacity < 1) throw new RangeError('capacity must be at least 1');
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: K): V | undefined {
    const found = this.entries.get(key);
    if (found === undefined) return undefined;
    «¦if (found.expires < Date.now()) {
      this.entries.delete(key);
      return undefined;
    }
    »this.entries.delete(key);
    this.entries.set(key, found);
    return found«¦.value»;
  }

  set(key: K, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, «value¦{ value, expires: Date.now() + this.ttlMs }»);
    if (this.entries.size ‹>=¦>› this.capacity) this.dropOldest();
  }

  has(key: K): boolean {
    return «this.entries.has(key)¦this.get(key) !== undefined»;
  }

  clear(): void {
    this.entries.clear();
  }

  private dropOldest(): void {
    const oldest = this.entries.keys().next();
    if (‹oldest.done¦!oldest.done›) this.entries.delete(oldest.value);
  }
}
`,
		change: 'entries expire after `ttlMs` milliseconds, and `has` does not count those that have expired',
		renames: [['dropOldest', 'evict']],
		purpose: 'a cache of limited size that drops the entry which was used longest ago',
		review:
			'It evicts one entry too early, since a cache that holds exactly its capacity is fine, and the eviction checks the iterator the wrong way round, so nothing is ever deleted.',
	},
	{
		path: 'src/parse-duration.ts',
		language: 'ts',
		text: String.raw`
const units: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60 * 1000,
  h: 60 * 60 * 1000,«¦
  d: 24 * 60 * 60 * 1000,»
};

const part = /(\d+(?:\.\d+)?)\s*(ms|s|m|h«¦d»)/g;

export function parseDuration(text: string): number {
  «const trimmed = text.trim();¦const trimmed = text.trim().toLowerCase();»
  if (trimmed === '') throw new Error('the duration is empty');
  let total = 0;
  let end = 0;
  for (const match of trimmed.matchAll(part)) {
    if (trimmed.slice(end, match.index).trim() !== '') «throw unreadable(text)¦throw unreadable(text, end)»;
    const [whole, amount, unit] = match;
    total += Number(amount) * units[unit];
    end = match.index + whole.length;
  }
  if (end < trimmed.length) «throw unreadable(text)¦throw unreadable(text, end)»;
  return total;
}

export function formatDuration(ms: number): string {
  const parts: string[] = [];
  let rest = Math.round(ms);
  for (const [unit, size] of Object.entries(units).reverse()) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(count + unit);
    rest -= count * size;
  }
  return parts.join(' ') || «'0ms'¦'0s'»;
}

function unreadable(text: string«¦, position: number»): Error {
  return new Error('cannot read the duration "' + text + '"«'¦" from character ' + (position + 1)»);
}
`,
		change: 'days are a unit, upper case is accepted, and errors say at which character reading failed',
		renames: [['part', 'amountWithUnit']],
	},
	{
		path: 'src/event-bus.ts',
		language: 'ts',
		text: `
type Handler<T> = (payload: T) => void« | Promise<void>¦»;

export class EventBus<Events extends Record<string, unknown>> {
  private readonly handlers = new Map<keyof Events, Set<Handler<never>>>();
  «¦private readonly failures: unknown[] = [];
»
  on<Name extends keyof Events>(name: Name, handler: Handler<Events[Name]>): () => void {
    let known = this.handlers.get(name);
    if (!known) {
      known = new Set();
      this.handlers.set(name, known);
    }
    known.add(handler as Handler<never>);
    return () => known.delete(handler as Handler<never>);
  }

  once<Name extends keyof Events>(name: Name, handler: Handler<Events[Name]>): () => void {
    const off = this.on(name, (payload) => {
      off();
      «return handler(payload);¦handler(payload);»
    });
    return off;
  }

  «async emit¦emit»<Name extends keyof Events>(name: Name, payload: Events[Name]): «Promise<void>¦void» {
    for (const handler of [...(this.handlers.get(name) ?? [])]) {
      «await (handler as Handler<Events[Name]>)(payload);¦try {
        (handler as Handler<Events[Name]>)(payload);
      } catch (error) {
        this.failures.push(error);
      }»
    }
  }

  listenerCount(name: keyof Events): number {
    return this.handlers.get(name)?.size ?? 0;
  }
}
`,
		change:
			'handlers are synchronous, and an error of one handler is collected instead of keeping the others from running',
		renames: [
			['handlers', 'listeners'],
			['known', 'existing'],
		],
	},
	{
		path: 'src/csv.ts',
		language: 'ts',
		text: String.raw`
export type Row = Record<string, string>;

export function splitLine(line: string, separator = «','¦';'»): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = ‹true¦false›;
  for (let i = 0; i < line.length; i++) {
    const char = line[i];
    if (quoted) {
      if (char === '"' && line[i + 1] === '"') {
        cell += '"';
        ‹i--¦i++›;
      } else if (char === '"') quoted = false;
      else cell += char;
    } else if (char === '"') quoted = true;
    else if (char === separator) {
      cells.push(cell«¦.trim()»);
      cell = '';
    } else cell += char;
  }
  «¦if (quoted) throw new SyntaxError('a quotation mark is not closed');
  »‹return cells¦return [...cells, cell]›;
}

export function parseCsv(text: string): Row[] {
  const lines = text.split(/\r?\n/).filter((line) => line«¦.trim()» !== '');
  const [header, ...body] = lines;
  if (header === undefined) return [];
  const names = splitLine(header);
  return body.map((line«¦, index») => {
    const cells = splitLine(line);
    «¦if (cells.length > names.length) throw new SyntaxError('line ' + (index + 2) + ' has too many cells');
    »return Object.fromEntries(names.map((name, column) => [name, cells[column] ?? '']));
  });
}

export function toCsv(rows: Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  const quote = (cell: string) => (/[",;\n]/.test(cell) ? '"' + cell.replaceAll('"', '""') + '"' : cell);
  const toLine = (cells: string[]) => cells.map(quote).join(«','¦';'»);
  return [toLine(names), ...rows.map((row) => toLine(names.map((name) => row[name] ?? '')))].join('\n');
}
`,
		change: 'the separator is a semicolon by default, cells are trimmed, and broken lines are errors',
		renames: [
			['names', 'columns'],
			['cell', 'field'],
		],
		purpose: 'a small module that reads and writes CSV with quoted cells',
		review:
			'The line starts as if it were inside quotation marks, a doubled quotation mark must be skipped forwards and not backwards, and the last cell of every line is lost.',
	},
	{
		path: 'src/slots.ts',
		language: 'ts',
		text: `
export interface Slot {
  start: Date;
  end: Date;
}

export const overlaps = (a: Slot, b: Slot): boolean => a.start < b.end ‹||¦&&› b.start < a.end;

export const minutes = (slot: Slot): number => (slot.end.getTime() - slot.start.getTime()) / «60000¦60_000»;

export function freeSlots(day: Slot, booked: Slot[], length: number«¦, pause = 0»): Slot[] {
  const free: Slot[] = [];
  let from = day.start;
  for (const slot of [...booked].sort((a, b) => ‹b¦a›.start.getTime() - ‹a¦b›.start.getTime())) {
    const gap = { start: from, end: slot.start };
    if (minutes(gap) >= length) free.push(gap);
    if (slot.end > from) from = «slot.end¦new Date(slot.end.getTime() + pause * 60_000)»;
  }
  const last = { start: from, end: day.end };
  if (minutes(last) >= length) free.push(last);
  return free;
}

export function cut(slot: Slot, length: number): Slot[] {
  const count = Math.floor(minutes(slot) / length);
  return Array.from({ length: count }, (_, index) => ({
    start: new Date(slot.start.getTime() + index * length * «60000¦60_000»),
    end: new Date(slot.start.getTime() + ‹index¦(index + 1)› * length * «60000¦60_000»),
  }));
}

export function book(booked: Slot[], wanted: Slot): Slot[] {
  const taken = booked.find((slot) => overlaps(slot, wanted));
  if (taken) throw new Error('taken from ' + taken.start.toISOString()«¦ + ' to ' + taken.end.toISOString()»);
  return [...booked, wanted];
}
`,
		change:
			'there can be a pause after every booking, numbers have separators, and the error says until when the slot is taken',
		renames: [
			['length', 'duration'],
			['booked', 'bookings'],
		],
		purpose:
			'functions for appointments: do two overlap, which times of a day are free, cutting a time into parts, booking',
		review:
			'Two slots overlap only if both comparisons hold, so it must be "and"; the bookings are sorted backwards; and each part that is cut ends where it starts.',
	},
	{
		path: 'src/slug.ts',
		language: 'ts',
		text: String.raw`
const replacements: Record<string, string> = { ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss', æ: 'ae', ø: 'o'«¦, å: 'a'» };

export function slug(title: string, maxLength = «60¦80»): string {
  const plain = [...title.toLowerCase()].map((char) => replacements[char] ?? char).join('');
  const words = plain
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== ''«¦ && !stopWords.has(word)»);
  let result = '';
  for (const word of words) {
    const longer = result === '' ? word : result + '-' + word;
    if (longer.length > maxLength) break;
    result = longer;
  }
  return result« || 'untitled'¦ || 'page'»;
}

export function uniqueSlug(title: string, taken: Set<string>): string {
  const base = slug(title);
  if (!taken.has(base)) return base;
  for (let number = 2; ; number++) {
    const candidate = base + '-' + number;
    if (!taken.has(candidate)) return candidate;
  }
}
`,
		change:
			'words of the set `stopWords` are left out, slugs may have 80 characters, and an empty one is called page',
		renames: [
			['plain', 'spelled'],
			['candidate', 'numbered'],
		],
	},
];
