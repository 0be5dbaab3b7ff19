import { canonical, typeOf } from './disjoint.js';
import { formatPatterns, otherFormats } from './formats.js';
import { type Keywords, type Placed, step } from './json-schema.js';
import { type Bounds, numberPattern } from './number-pattern.js';
import { readPattern } from './pattern.js';
import { unsupported } from './unsupported.js';

/** A schema whose keywords stand at `path`. */
export type Part = Placed & { readonly schema: Keywords };

/** What llama.cpp's converter is given; `null` where no value fits. */
export type Converted = Keywords | null;

/** Marks a pattern that describes a number. */
export const withoutQuotes = Symbol('without quotes');

/** llama.cpp's grammars count no further. */
export const mostRepeats = 2000;
/** A grammar's integers have so many digits. */
const largest = 999_999_999_999_999;
const mostMultiples = 256;

/** The keywords that speak of one type of value alone. */
export const keywordsOf = {
	number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
	string: ['minLength', 'maxLength', 'pattern', 'format'],
	array: [
		'items',
		'prefixItems',
		'additionalItems',
		'minItems',
		'maxItems',
		'uniqueItems',
		'contains',
		'minContains',
		'maxContains',
		'unevaluatedItems',
	],
	object: [
		'properties',
		'required',
		'additionalProperties',
		'minProperties',
		'maxProperties',
		'patternProperties',
		'propertyNames',
		'unevaluatedProperties',
	],
} as const;

/** The keyword's values in all parts, each with its place. */
export function given(parts: readonly Part[], keyword: string): Array<{ value: unknown; path: string }> {
	return parts
		.filter(({ schema }) => Object.hasOwn(schema, keyword))
		.map(({ schema, path }) => ({ value: schema[keyword], path: step(path, keyword) }));
}

function numbers(parts: readonly Part[], keyword: string): number[] {
	return given(parts, keyword).map(({ value, path }) => {
		if (typeof value !== 'number') throw unsupported(path, 'it is no number');
		return value;
	});
}

/** The greatest of the least numbers and the least of the greatest, for counts of something. */
export function counts(parts: readonly Part[], least: string, most: string): { least: number; most: number } {
	for (const keyword of [least, most])
		for (const { value, path } of given(parts, keyword))
			if (!Number.isInteger(value) || (value as number) < 0)
				throw unsupported(path, 'it is no count: 0, 1, 2, …');
	return { least: Math.max(0, ...numbers(parts, least)), most: Math.min(...numbers(parts, most)) };
}

/** The counts as a grammar can repeat: fewer at most are still within what was asked for. */
export function repeats(
	parts: readonly Part[],
	least: string,
	most: string,
): { least: number; most: number | undefined } | null {
	const asked = counts(parts, least, most);
	if (asked.least > asked.most) return null;
	if (asked.least > mostRepeats)
		throw unsupported(given(parts, least)[0]?.path ?? '', `the most that can be counted is ${mostRepeats}`);
	return {
		least: asked.least,
		most: asked.most === Infinity ? undefined : Math.min(asked.most, mostRepeats),
	};
}

export function convertString(parts: readonly Part[]): Converted {
	const asked = counts(parts, 'minLength', 'maxLength');
	const patterns = given(parts, 'pattern').map(({ value, path }) => {
		if (typeof value !== 'string') throw unsupported(path, 'it is no string');
		return { source: value, path };
	});
	// Beside a pattern a format adds nothing that a grammar could follow too.
	if (patterns.length === 0)
		for (const { value, path } of given(parts, 'format')) {
			if (typeof value !== 'string') throw unsupported(path, 'it is no string');
			if (otherFormats.includes(value))
				throw unsupported(
					path,
					`the format ${value} has no grammar; there are ${Object.keys(formatPatterns).join(', ')}`,
				);
			const source = Object.hasOwn(formatPatterns, value) ? formatPatterns[value] : undefined;
			if (source !== undefined) patterns.push({ source, path });
		}
	const [first, ...others] = patterns.filter(
		({ source }, i) => patterns.findIndex((one) => one.source === source) === i,
	);
	if (others[0]) throw unsupported(others[0].path, 'a string can follow one pattern or format, not two');
	if (first) {
		const { source, shortest, longest } = readPattern(first.source, first.path);
		if (shortest < asked.least || longest > asked.most)
			throw unsupported(
				first.path,
				`beside minLength or maxLength a pattern has to hold to them by itself; it has ${shortest} to ${longest} characters`,
			);
		return { type: 'string', pattern: source };
	}
	const length = repeats(parts, 'minLength', 'maxLength');
	if (!length) return null;
	return {
		type: 'string',
		...(length.least > 0 && { minLength: length.least }),
		...(length.most !== undefined && { maxLength: length.most }),
	};
}

function bounds(parts: readonly Part[]): Bounds {
	let [low, high, aboveLow, belowHigh] = [-Infinity, Infinity, false, false];
	const atLeast = (value: number, above: boolean) => {
		if (value > low) [low, aboveLow] = [value, above];
		else if (value === low) aboveLow ||= above;
	};
	const atMost = (value: number, below: boolean) => {
		if (value < high) [high, belowHigh] = [value, below];
		else if (value === high) belowHigh ||= below;
	};
	for (const part of parts) {
		const [schema] = [part.schema];
		// In draft 4 they say whether the bound beside them fits.
		const flags = ['exclusiveMinimum', 'exclusiveMaximum'].map((keyword) => schema[keyword] === true);
		const own: Part = {
			path: part.path,
			schema: Object.fromEntries(
				Object.entries(schema).filter(
					([keyword, value]) => !keyword.startsWith('exclusive') || typeof value !== 'boolean',
				),
			),
		};
		for (const value of numbers([own], 'minimum')) atLeast(value, flags[0] ?? false);
		for (const value of numbers([own], 'maximum')) atMost(value, flags[1] ?? false);
		for (const value of numbers([own], 'exclusiveMinimum')) atLeast(value, true);
		for (const value of numbers([own], 'exclusiveMaximum')) atMost(value, true);
	}
	return { low, high, aboveLow, belowHigh };
}

export function convertNumber(parts: readonly Part[], integer: boolean): Converted {
	const steps = numbers(parts, 'multipleOf');
	const { low, high, aboveLow, belowHigh } = bounds(parts);
	const [multiple, another] = steps.filter((one) => !(integer && Number.isInteger(1 / one)));
	const whole = integer || Number.isInteger(multiple);
	if (another !== undefined || steps.some((one) => !(one > 0)) || (multiple !== undefined && !whole))
		throw unsupported(given(parts, 'multipleOf')[0]?.path ?? '', 'it can be one whole number above 0');
	if (!whole) {
		if (low === -Infinity && high === Infinity) return { type: 'number' };
		const [place] = keywordsOf.number.flatMap((keyword) => given(parts, keyword));
		const pattern = numberPattern({ low, high, aboveLow, belowHigh }, place?.path ?? '');
		return pattern === null ? null : { type: 'string', pattern, [withoutQuotes]: true };
	}
	const least = Math.max(aboveLow ? Math.floor(low) + 1 : Math.ceil(low), -largest);
	const most = Math.min(belowHigh ? Math.ceil(high) - 1 : Math.floor(high), largest);
	if (least > most) return null;
	if (multiple !== undefined && multiple !== 1) return multiples(parts, multiple, least, most);
	if (low === -Infinity && high === Infinity) return { type: 'integer' };
	return { type: 'integer', minimum: least, maximum: most };
}

function multiples(parts: readonly Part[], step: number, least: number, most: number): Converted {
	const first = Math.ceil(least / step);
	const count = Math.floor(most / step) - first + 1;
	if (count > mostMultiples)
		throw unsupported(
			given(parts, 'multipleOf')[0]?.path ?? '',
			`minimum and maximum have to leave ${mostMultiples} multiples at most`,
		);
	if (count <= 0) return null;
	return { enum: Array.from({ length: count }, (_, i) => (first + i) * step + 0) };
}

/** Those values of `const` and `enum` that the parts allow; nothing where neither is given. */
export function listed(parts: readonly Part[]): unknown[] | undefined {
	const lists = [
		...given(parts, 'const').map(({ value }) => [value]),
		...given(parts, 'enum').map(({ value, path }) => {
			if (Array.isArray(value)) return value as unknown[];
			throw unsupported(path, 'it is no array of values');
		}),
	];
	const [first, ...others] = lists;
	if (!first) return undefined;
	const known = others.map((list) => new Set(list.map(canonical)));
	const distinct = new Map(first.map((value) => [canonical(value), value]));
	const inAll = [...distinct].flatMap(([text, value]) =>
		known.every((set) => set.has(text)) ? [value] : [],
	);
	return inAll.filter((value) => fits(parts, value));
}

function fits(parts: readonly Part[], value: unknown): boolean {
	const type = typeOf(value);
	const ofType = type === 'integer' ? 'number' : type;
	const [unknown] = (keywordsOf[ofType as keyof typeof keywordsOf] ?? []).flatMap((keyword) =>
		given(parts, keyword),
	);
	if (type === 'string') {
		const length = [...(value as string)].length;
		const { least, most } = counts(parts, 'minLength', 'maxLength');
		const [other] = [...given(parts, 'pattern'), ...given(parts, 'format')];
		if (other) throw unsupported(other.path, 'beside const and enum there is nothing to look it up with');
		return length >= least && length <= most;
	}
	if (ofType === 'number') {
		const { low, high, aboveLow, belowHigh } = bounds(parts);
		const number = value as number;
		const [step] = given(parts, 'multipleOf');
		if (step) throw unsupported(step.path, 'beside const and enum there is nothing to look it up with');
		return (aboveLow ? number > low : number >= low) && (belowHigh ? number < high : number <= high);
	}
	if (unknown) throw unsupported(unknown.path, 'beside const and enum there is nothing to look it up with');
	return true;
}
