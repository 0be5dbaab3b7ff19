import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { messageOf, RepriseError } from '../errors.js';
import { integer, invalid, number, object } from '../options.js';

/** Most rows that the cost of a pass is known for; PassCost::max_rows of cpp/draft/pass_cost.h. */
const mostRows = 320;

/** What passes of each size were measured to take. */
export interface Staircase {
	readonly name: string;
	/** Milliseconds by rows, from a pass of one row on. */
	readonly milliseconds: Float64Array;
}

/** What a draft token adds to a pass, in passes without a draft; or what passes were measured to take. */
export type PassCost = number | Staircase;

/** What a pass with so many draft tokens costs, in passes without a draft. */
export function relativeCost(cost: PassCost, drafted: number): number {
	if (typeof cost === 'number') return 1 + cost * drafted;
	const { milliseconds } = cost;
	const at = (rows: number) => milliseconds[rows - 1] ?? Number.NaN;
	const rows = 1 + drafted;
	return (rows <= mostRows ? at(rows) : (at(mostRows) * rows) / mostRows) / at(1);
}

/** So many milliseconds of the cost, in passes without a draft. */
export function relativeTime(cost: PassCost, milliseconds: number): number {
	return typeof cost === 'number' ? milliseconds : milliseconds / (cost.milliseconds[0] ?? Number.NaN);
}

/**
 * Reads measured passes from a JSON file: `{ "passes": [{ "rows": 1, "ms": 20.5 }, …] }`, in any order,
 * beside which other fields may stand. `name` is what errors call it. Throws `OPTION_INVALID`.
 */
export function readStaircase(path: string, name: string): Staircase {
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch (error) {
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected a number or a JSON file for ${name} but received ${JSON.stringify(path)}: ${messageOf(error)}`,
		);
	}
	try {
		return { name: basename(path), milliseconds: toCurve(readPasses(JSON.parse(text))) };
	} catch (error) {
		throw new RepriseError('OPTION_INVALID', `${path}: ${messageOf(error)}`);
	}
}

type Pass = readonly [rows: number, ms: number];

function readPasses(value: unknown): Pass[] {
	const list = field(value, 'passes', 'the file');
	const depths = field(value, 'depths', 'the file');
	if (list === undefined && Array.isArray(depths) && depths.length > 1)
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected passes of one depth but received those of ${depths.length}: ` +
				'measure one with bench/pass-cost.ts --depths N --json',
		);
	if (!Array.isArray(list) || list.length === 0) throw invalid('an array of passes', 'passes', list);
	const passes = list.map((pass: unknown, index): Pass => {
		const place = `passes[${index}]`;
		const ms = number(0, Infinity)(field(pass, 'ms', place), `${place}.ms`);
		if (!(ms > 0 && ms < Infinity)) throw invalid('a number above 0', `${place}.ms`, ms);
		return [integer(1, mostRows)(field(pass, 'rows', place), `${place}.rows`), ms];
	});
	passes.sort(([a], [b]) => a - b);
	if (passes[0]?.[0] !== 1)
		throw new RepriseError(
			'OPTION_INVALID',
			'Expected a pass of 1 row among passes, which all are held against',
		);
	const twice = passes.find(([rows], index) => passes[index + 1]?.[0] === rows);
	if (twice)
		throw new RepriseError('OPTION_INVALID', `Expected one time for ${twice[0]} rows but received two`);
	return passes;
}

function field(value: unknown, key: string, place: string): unknown {
	return object()(value, place)[key];
}

/**
 * Sizes between two that were measured lie on the line between them, those beyond go on as all did together.
 * A pass is never cheaper for a row more, and what disturbs one makes it longer: it takes no more than a
 * larger one.
 */
function toCurve(passes: readonly Pass[]): Float64Array {
	const level: Pass[] = [];
	for (const [rows, ms] of passes.toReversed()) level.unshift([rows, Math.min(ms, level[0]?.[1] ?? ms)]);
	const [, first] = level[0] as Pass;
	const [lastRows, last] = level.at(-1) as Pass;
	const slope = lastRows > 1 ? (last - first) / (lastRows - 1) : first;
	return Float64Array.from({ length: mostRows }, (_, index) => {
		const rows = index + 1;
		const next = level.findIndex((pass) => pass[0] >= rows);
		if (next < 0) return last + slope * (rows - lastRows);
		const [to, high] = level[next] as Pass;
		const [from, low] = level[next - 1] ?? [to, high];
		return to === from ? high : low + ((high - low) * (rows - from)) / (to - from);
	});
}
