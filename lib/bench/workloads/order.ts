import { Random } from '../random.js';
import type { TaskRequest } from '../task.js';

/** The source of all choices of a task: the same for the same workload, length and seed. */
export function choicesOf(workload: string, { context, seed }: TaskRequest): Random {
	let hash = 0x811c9dc5;
	for (const sign of `${workload} ${context} ${seed}`)
		hash = Math.imul(hash ^ (sign.codePointAt(0) as number), 0x01000193);
	return new Random(hash);
}

/**
 * A different place to begin for many lengths and seeds: a seventh of all places is for each of seven lengths, each
 * twice the one before. Where there are 60, these are the first eight seeds.
 */
export function placeOf({ context, seed }: TaskRequest, places: number): number {
	return (seed + Math.floor(places / 7) * Math.round(Math.log2(context))) % places;
}

/**
 * The item whose turn it is, and all others in an order of their own. Neighbours in `items`, which are often of a kind,
 * have their turns far apart.
 */
export function inTurn<T>(items: readonly T[], request: TaskRequest, random: Random): [T, T[]] {
	const place = (placeOf(request, items.length) * strideThrough(items.length)) % items.length;
	const others = items.filter((_, index) => index !== place);
	return [items[place] as T, random.shuffle(others)];
}

/** Steps of that many places come to each place once; they are about 0.618 of all places long. */
function strideThrough(places: number): number {
	let stride = Math.max(1, Math.round(places * 0.618));
	while (divisor(stride, places) > 1) stride++;
	return stride;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
