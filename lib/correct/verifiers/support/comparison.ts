/** With or without commas, or the underscores of programs, between thousands. */
const digits = String.raw`(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,3}(?:_\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?`;

/** ISO 4217's, and what people write in their place. */
const currencies = [
	...Intl.supportedValuesOf('currency'),
	...['RMB', 'NTD', 'RM', 'Rs', 'rs', 'Tk', 'Kr', 'kr', 'Fr', 'usd', 'eur', 'gbp', 'inr'],
];
const currency = `(?:${currencies.join('|')})`;

/**
 * Where a number may begin: not inside of a word, as in x2 and v2.0, but after a currency (USD25), after the
 * dot of an abbreviation (No.5, Rs.500), and after Markdown's marks of emphasis (_25_).
 */
const start = [
	String.raw`(?<![\w.])(?!(?<=\p{L})\.)`,
	String.raw`(?<=(?<!\w)_{1,3})`,
	String.raw`(?<=\p{L}\.)(?=\d)`,
	String.raw`(?<=[A-Za-z])(?<=(?<![A-Za-z])${currency})(?=\d)`,
].join('|');
/** A sign may stand before the currency: -$25. */
const sign = String.raw`(?:([-+])(?:(?:${currency}|[A-Z]{0,3}\p{Sc}) ?)?)?`;
const numbers = new RegExp(String.raw`(?=[-+.\d])(?:${start})${sign}(${digits})`, 'gu');

/** Powers of ten, with what they are multiplied by if anything: 6.02 × 10^23, 10⁶. */
const powers =
	/(?<![\w.])(?:(\d{1,20}(?:\.\d{1,40})?)\s{0,3}(?:[×*·xX]|\\times|\\cdot)\s{0,3})?10(?:(?:\^|\*\*)\{?([-+]?\d+)\}?|([⁺⁻]?[⁰¹²³⁴-⁹]+))/gu;
const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** With every minus as `-`, and powers of ten as `e` writes them. */
function plainNumbers(text: string): string {
	return text
		.replace(/[\u2212\u2013\ufe63\uff0d]/g, '-')
		.replace(powers, (_, factor: string | undefined, exponent: string | undefined, raised = '') => {
			const plain = raised.replace(/[⁰¹²³⁴-⁹]/g, (digit: string) => superscripts.indexOf(digit));
			return `${factor ?? 1}e${exponent ?? plain.replace('⁻', '-').replace('⁺', '')}`;
		});
}

/**
 * The last number written in a text, with or without commas between thousands; fractions count as two
 * numbers.
 */
export function lastNumber(text: string): number | undefined {
	let last: RegExpExecArray | undefined;
	for (const match of plainNumbers(text).matchAll(numbers)) last = match;
	if (last === undefined) return undefined;
	const value = Number(`${last[1] ?? ''}${last[2]}`.replace(/[,_]/g, ''));
	return Number.isFinite(value) ? value : undefined;
}

/** Whether they differ by at most `tolerance`, relative to `expected` where that is above 1 in size. */
export function sameNumber(value: number, expected: number, tolerance: number): boolean {
	return Math.abs(value - expected) <= tolerance * Math.max(1, Math.abs(expected));
}

export interface TextComparison {
	/** Default: false. */
	ignoreCase?: boolean;
	/** `collapse`: outer white space goes, a run of it inside counts as one space. Default: collapse. */
	whitespace?: 'collapse' | 'keep';
}

export function sameText(text: string, expected: string, comparison: TextComparison = {}): boolean {
	const { ignoreCase = false, whitespace = 'collapse' } = comparison;
	const plain = (raw: string) => {
		const spaced = whitespace === 'collapse' ? raw.trim().replace(/\s+/g, ' ') : raw;
		return (ignoreCase ? spaced.toLowerCase() : spaced).normalize('NFC');
	};
	return plain(text) === plain(expected);
}

const wholeNumber = new RegExp(String.raw`^\s*[-+]?${digits}\s*$`);

/** Whether the whole text is one number, and so to be compared as one; `3,4` is two. */
export function isNumeric(text: string): boolean {
	return wholeNumber.test(plainNumbers(text)) && lastNumber(text) !== undefined;
}
