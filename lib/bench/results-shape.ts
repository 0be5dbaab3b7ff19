import { invalid, object, text } from '../options.js';
import type { BenchResults } from './results.js';

/** How a value of a results file must look. It throws `OPTION_INVALID` with the value's place. */
type Shape = (value: unknown, place: string) => void;

const finite: Shape = (value, place) => {
	if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid('a number', place, value);
};

const positive: Shape = (value, place) => {
	finite(value, place);
	if (!((value as number) > 0)) throw invalid('a number above 0', place, value);
};

const orNull =
	(shape: Shape): Shape =>
	(value, place) => {
		if (value !== null) shape(value, place);
	};

const orMissing =
	(shape: Shape): Shape =>
	(value, place) => {
		if (value !== undefined) shape(value, place);
	};

const notNegative: Shape = (value, place) => {
	finite(value, place);
	if ((value as number) < 0) throw invalid('a number of 0 or more', place, value);
};

const listOf =
	(shape: Shape): Shape =>
	(value, place) => {
		if (!Array.isArray(value)) throw invalid('an array', place, value);
		for (const [index, one] of value.entries()) shape(one, `${place}[${index}]`);
	};

const someOf =
	(shape: Shape): Shape =>
	(value, place) => {
		listOf(shape)(value, place);
		if ((value as unknown[]).length === 0) throw invalid('one or more', place, value);
	};

const record =
	(shapes: Readonly<Record<string, Shape>>): Shape =>
	(value, place) => {
		const given = object()(value, place);
		for (const [name, shape] of Object.entries(shapes)) shape(given[name], `${place}.${name}`);
	};

const numbers = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, finite]));
const texts = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, text]));
const oneOfThese =
	(...choices: readonly unknown[]): Shape =>
	(value, place) => {
		if (!choices.includes(value)) throw invalid(choices.join(' or '), place, value);
	};

const sample = record({
	...numbers('promptTokens', 'outputTokens'),
	...{
		firstTokenMs: notNegative,
		decodeMs: notNegative,
		totalMs: positive,
		processorMs: orNull(finite),
		passes: orNull(finite),
		drafted: orNull(finite),
		accepted: orNull(finite),
	},
	parts: orNull(record(numbers('drafting', 'compute', 'sampling', 'bookkeeping'))),
	passesByRows: orNull(listOf(record(numbers('rows', 'passes', 'meanMs')))),
});

const results = record({
	format: oneOfThese(1),
	...texts('command', 'began', 'ended'),
	machine: record({
		...texts('cpu', 'system', 'node'),
		...numbers('processors', 'memoryBytes'),
		load: orNull(record(numbers('before', 'after'))),
		others: orMissing(orNull(finite)),
	}),
	model: record({
		...texts('file', 'name', 'architecture', 'quantisation'),
		...numbers('parameters', 'bytes'),
	}),
	choices: oneOfThese('own', 'recorded'),
	...numbers('threads', 'tokens', 'runs'),
	arms: listOf(
		record({
			...texts('name', 'version', 'settings'),
			...{ cpuVariant: orNull(text), startMs: listOf(finite) },
			memory: orNull(record(numbers('started', 'peak'))),
		}),
	),
	cells: listOf(record({ ...texts('workload', 'arm'), context: positive, samples: someOf(sample) })),
	skipped: listOf(record({ ...texts('workload', 'reason'), ...numbers('context'), arm: orNull(text) })),
	agreement: listOf(record({ ...texts('arm'), ...numbers('texts', 'equal', 'nearTies', 'different') })),
});

/** Throws `OPTION_INVALID` with the place of what is wrong. */
export function checkedResults(value: unknown): BenchResults {
	results(value, 'results');
	return value as BenchResults;
}
