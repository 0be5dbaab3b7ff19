/** With or without commas between thousands. */
const number = String.raw`[-+]?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?`;
const numbers = new RegExp(String.raw`(?<![\w.])${number}`, 'gi');

/** The last number written in a text, with or without commas between thousands; fractions count as two numbers. */
export function lastNumber(text: string): number | undefined {
	const last = [...text.replaceAll('\u2212', '-').matchAll(numbers)].at(-1)?.[0].replaceAll(',', '');
	const value = Number(last);
	return last !== undefined && Number.isFinite(value) ? value : undefined;
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

const wholeNumber = new RegExp(`^\\s*${number}\\s*$`, 'i');

/** Whether the whole text is one number, and so to be compared as one; `3,4` is two. */
export function isNumeric(text: string): boolean {
	return wholeNumber.test(text.replaceAll('\u2212', '-')) && lastNumber(text) !== undefined;
}
