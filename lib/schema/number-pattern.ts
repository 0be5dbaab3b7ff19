import { unsupported } from './unsupported.js';

/** What numbers lie between. */
export interface Bounds {
	readonly low: number;
	readonly high: number;
	/** Whether the bounds themselves do not fit. */
	readonly aboveLow: boolean;
	readonly belowHigh: boolean;
}

/** Numbers of so many digits are told apart by every reader of JSON. */
const mostDigits = 15;
/** Where one bound alone is given, integer parts have so many digits at most. */
const openDigits = 9;
const mostFraction = 6;

/** A number in units of the last of its `places` decimal places. */
interface Decimal {
	readonly units: bigint;
	readonly places: number;
}

/**
 * A pattern of numbers in JSON that lie within bounds, in the words of llama.cpp's converter; null where there is
 * none. They are written without an exponent, and have 15 digits at most. Throws `SCHEMA_UNSUPPORTED` where a bound
 * has more.
 */
export function numberPattern({ low, high, aboveLow, belowHigh }: Bounds, path: string): string | null {
	const patterns: string[] = [];
	if (low < 0)
		// Minus zero is zero.
		patterns.push(
			...unsigned(Math.max(-high, 0), -low, high <= 0 && belowHigh, aboveLow, path).map(
				(one) => `[\\x2d]${one}`,
			),
		);
	if (high >= 0) patterns.push(...unsigned(Math.max(low, 0), high, low >= 0 && aboveLow, belowHigh, path));
	return patterns.length === 0 ? null : `^(${patterns.join('|')})$`;
}

/** The patterns of numbers from `low` to `high`, neither below 0, with as many decimal places each as the next. */
function unsigned(low: number, high: number, above: boolean, below: boolean, path: string): string[] {
	const bottom = decimal(low, path);
	const top = high >= 10 ** mostDigits ? { units: openEnd(bottom), places: 0 } : decimal(high, path);
	const places = Math.max(bottom.places, top.places);
	const patterns: string[] = [];
	for (let shown = 0; shown <= places; shown++)
		patterns.push(...decimals(ceiling(bottom, shown, above), floor(top, shown, below), shown));
	// Any digits may follow a number below the last; where the first does not fit, they may not all be zeros.
	const from = ceiling(bottom, places, above);
	const to = floor(top, places, true);
	const free = Math.min(mostFraction, mostDigits - Math.max(String(to).length, places + 1));
	const point = places === 0 ? '[\\x2e]' : '';
	if (free >= 1) patterns.push(...decimals(from, to, places).map((one) => `${one}${point}[0-9]{1,${free}}`));
	if (free >= 3 && above && from - 1n <= to)
		patterns.push(
			...decimals(from - 1n, from - 1n, places).map(
				(one) => `${one}${point}[0]{0,2}[1-9][0-9]{0,${free - 3}}`,
			),
		);
	return patterns;
}

function openEnd({ units, places }: Decimal): bigint {
	const whole = units / 10n ** BigInt(places);
	const end = 10n ** BigInt(openDigits) - 1n;
	return whole < end / 1000n ? end : 10n ** BigInt(mostDigits) - 1n;
}

function decimal(value: number, path: string): Decimal {
	const [, whole, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [];
	if (whole === undefined || whole.length + fraction.length > mostDigits)
		throw unsupported(path, `a bound of numbers can have ${mostDigits} digits, without an exponent`);
	return { units: BigInt(whole + fraction), places: fraction.length };
}

/** The least number of so many places that is not below the decimal, or is above it. */
function ceiling({ units, places }: Decimal, shown: number, above: boolean): bigint {
	if (shown >= places) return units * 10n ** BigInt(shown - places) + (above ? 1n : 0n);
	const scale = 10n ** BigInt(places - shown);
	const rounded = units / scale;
	return units % scale === 0n ? rounded + (above ? 1n : 0n) : rounded + 1n;
}

/** The greatest number of so many places that is not above the decimal, or is below it. */
function floor({ units, places }: Decimal, shown: number, below: boolean): bigint {
	if (shown >= places) return units * 10n ** BigInt(shown - places) - (below ? 1n : 0n);
	const scale = 10n ** BigInt(places - shown);
	const rounded = units / scale;
	return below && units % scale === 0n ? rounded - 1n : rounded;
}

/** The patterns of the numbers `from`…`to` in units of the last of so many places. */
function decimals(from: bigint, to: bigint, places: number): string[] {
	const patterns: string[] = [];
	for (let length = places + 1; length <= mostDigits; length++) {
		const first = length === places + 1 ? 0n : 10n ** BigInt(length - 1);
		const last = 10n ** BigInt(length) - 1n;
		const [low, high] = [from > first ? from : first, to < last ? to : last];
		if (low > high) continue;
		const digits = (value: bigint) => String(value).padStart(length, '0');
		for (const classes of between(digits(low), digits(high))) {
			const whole = classes.slice(0, length - places).join('');
			const fraction = classes.slice(length - places).join('');
			patterns.push(places === 0 ? whole : `${whole}[\\x2e]${fraction}`);
		}
	}
	return patterns;
}

/** Classes of digits, place by place, for the numbers between two of the same length. */
function between(low: string, high: string): string[][] {
	if (low === '') return [[]];
	const [first, last] = [low[0] as string, high[0] as string];
	const [lowRest, highRest] = [low.slice(1), high.slice(1)];
	const zeros = '0'.repeat(lowRest.length);
	const nines = '9'.repeat(lowRest.length);
	if (first === last) return between(lowRest, highRest).map((rest) => [`[${first}]`, ...rest]);
	const all: string[][] = [];
	let [from, to] = [Number(first), Number(last)];
	if (lowRest !== zeros) {
		all.push(...between(lowRest, nines).map((rest) => [`[${first}]`, ...rest]));
		from++;
	}
	if (highRest !== nines) to--;
	if (from <= to)
		all.push([from === to ? `[${from}]` : `[${from}-${to}]`, ...Array.from(nines, () => '[0-9]')]);
	if (highRest !== nines) all.push(...between(zeros, highRest).map((rest) => [`[${last}]`, ...rest]));
	return all;
}
