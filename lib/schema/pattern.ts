import { unsupported } from './unsupported.js';

/** A regular expression as a tree. */
type Node =
	| { readonly kind: 'class'; readonly ranges: readonly Range[] }
	| { readonly kind: 'sequence'; readonly parts: readonly Node[] }
	| { readonly kind: 'either'; readonly alternatives: readonly Node[] }
	| { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number };

/** Code points `low`…`high`. */
type Range = readonly [low: number, high: number];

/** A pattern's strings, as llama.cpp's converter is told of them, and how many characters they have. */
export interface Pattern {
	readonly source: string;
	readonly shortest: number;
	/** Infinity where there is no longest. */
	readonly longest: number;
}

const mostRepeats = 2000;
const deepest = 40;
const digits: readonly Range[] = [[0x30, 0x39]];
const word: readonly Range[] = [
	[0x30, 0x39],
	[0x41, 0x5a],
	[0x5f, 0x5f],
	[0x61, 0x7a],
];
/** White space that may stand in a string of JSON as it is. */
const space: readonly Range[] = [
	[0x20, 0x20],
	[0xa0, 0xa0],
	[0x2000, 0x200a],
	[0x3000, 0x3000],
];
/** What JavaScript calls white space. */
const anySpace: readonly Range[] = [
	[0x09, 0x0d],
	[0x20, 0x20],
	[0xa0, 0xa0],
	[0x1680, 0x1680],
	[0x2000, 0x200a],
	[0x2028, 0x2029],
	[0x202f, 0x202f],
	[0x205f, 0x205f],
	[0x3000, 0x3000],
	[0xfeff, 0xfeff],
];
/** The characters that a string of JSON holds as they are; a pattern's others would need escapes there. */
const plain: readonly Range[] = [
	[0x20, 0x21],
	[0x23, 0x5b],
	[0x5d, 0x7e],
	[0x80, 0xd7ff],
	[0xe000, 0x10ffff],
];
const newlines: readonly Range[] = [
	[0x0a, 0x0a],
	[0x0d, 0x0d],
	[0x2028, 0x2029],
];
const anything: Node = {
	kind: 'repeat',
	part: { kind: 'class', ranges: plain },
	least: 0,
	most: Number.POSITIVE_INFINITY,
};

function negated(ranges: readonly Range[]): Range[] {
	const result: Range[] = [];
	let next = 0;
	for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
		if (low > next) result.push([next, low - 1]);
		next = Math.max(next, high + 1);
	}
	if (next <= 0x10ffff) result.push([next, 0x10ffff]);
	return result;
}

function common(one: readonly Range[], other: readonly Range[]): Range[] {
	return one.flatMap(([low, high]) =>
		other
			.filter(([from, to]) => from <= high && to >= low)
			.map(([from, to]): Range => [Math.max(low, from), Math.min(high, to)]),
	);
}

const escapes: Readonly<Record<string, readonly Range[]>> = {
	d: digits,
	D: negated(digits),
	w: word,
	W: negated(word),
	s: space,
	S: negated(anySpace),
};
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

/** Reads a regular expression of ECMAScript, as far as a grammar can follow it. */
class Parser {
	readonly #text: readonly string[];
	readonly #path: string;
	#at = 0;
	#depth = 0;

	constructor(source: string, path: string) {
		this.#text = [...source];
		this.#path = path;
	}

	/** A pattern is looked for anywhere in a string, so what no `^` or `$` holds may have anything beside it. */
	whole(): Node {
		const alternatives = [this.#searched()];
		while (this.#take('|')) alternatives.push(this.#searched());
		if (this.#at < this.#text.length) this.#refuse(`an unmatched ${this.#text[this.#at]}`);
		return { kind: 'either', alternatives };
	}

	#refuse(what: string): never {
		throw unsupported(this.#path, `the pattern has ${what}, which a grammar cannot follow`);
	}

	#take(character: string): boolean {
		if (this.#text[this.#at] !== character) return false;
		this.#at++;
		return true;
	}

	#searched(): Node {
		const begins = this.#take('^');
		const parts = this.#sequence();
		const ends = this.#take('$');
		const next = this.#text[this.#at];
		if (ends && next !== undefined && next !== '|') this.#refuse('a $ in its middle');
		return {
			kind: 'sequence',
			parts: [...(begins ? [] : [anything]), ...parts, ...(ends ? [] : [anything])],
		};
	}

	#sequence(): Node[] {
		const parts: Node[] = [];
		for (;;) {
			const next = this.#text[this.#at];
			if (next === undefined || next === '|' || next === ')' || next === '$') return parts;
			parts.push(this.#repeated(this.#atom()));
		}
	}

	#atom(): Node {
		const next = this.#text[this.#at++] as string;
		if (next === '(') return this.#group();
		if (next === '[') return this.#set();
		if (next === '.') return { kind: 'class', ranges: negated(newlines) };
		if (next === '\\') return { kind: 'class', ranges: this.#escape(false) };
		if ('^*+?{}]'.includes(next)) this.#refuse(`${next} where no character can be meant`);
		return one(next);
	}

	#group(): Node {
		if (++this.#depth > deepest) this.#refuse(`groups nested deeper than ${deepest}`);
		if (this.#take('?')) {
			if (this.#take('<')) {
				if (['=', '!'].includes(this.#text[this.#at] ?? '')) this.#refuse('a lookbehind');
				while (this.#at < this.#text.length && !this.#take('>')) this.#at++;
			} else if (!this.#take(':')) {
				this.#refuse('a lookahead or flags');
			}
		}
		const alternatives: Node[] = [];
		do alternatives.push({ kind: 'sequence', parts: this.#sequence() });
		while (this.#take('|'));
		if (!this.#take(')')) this.#refuse('a $ in a group, or a group without its end');
		this.#depth--;
		return { kind: 'either', alternatives };
	}

	#set(): Node {
		const not = this.#take('^');
		const ranges: Range[] = [];
		while (!this.#take(']')) {
			if (this.#at >= this.#text.length) this.#refuse('a [ without its ]');
			const low = this.#member();
			const isRange = this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']';
			if (!isRange) {
				ranges.push(...low);
				continue;
			}
			this.#at++;
			const from = single(low);
			const to = single(this.#member());
			if (from === undefined || to === undefined || from > to) this.#refuse('a range that is none');
			ranges.push([from, to]);
		}
		return { kind: 'class', ranges: not ? negated(ranges) : ranges };
	}

	#member(): readonly Range[] {
		const next = this.#text[this.#at++];
		if (next === undefined) this.#refuse('a [ without its ]');
		if (next === '\\') return this.#escape(true);
		const code = next.codePointAt(0) as number;
		return [[code, code]];
	}

	#escape(inSet: boolean): readonly Range[] {
		const next = this.#text[this.#at++];
		if (next === undefined) this.#refuse('a \\ at its end');
		const known = escapes[next];
		if (known) {
			// Fewer characters of a negated class are one thing, of a class that is negated another.
			if (inSet && next === 's') return anySpace;
			return known;
		}
		if (next === 'u' && this.#take('{')) {
			let hex = '';
			while (this.#at < this.#text.length && !this.#take('}')) hex += this.#text[this.#at++];
			return this.#code(hex, 1, 6);
		}
		if (next === 'u' || next === 'x') {
			const length = next === 'u' ? 4 : 2;
			const hex = this.#text.slice(this.#at, this.#at + length).join('');
			this.#at += length;
			return this.#code(hex, length, length);
		}
		const control = inSet && next === 'b' ? 8 : controls[next];
		if (control !== undefined) return [[control, control]];
		if (/[a-zA-Z0-9]/.test(next)) this.#refuse(`\\${next}`);
		const code = next.codePointAt(0) as number;
		return [[code, code]];
	}

	#code(hex: string, least: number, most: number): Range[] {
		const code = Number.parseInt(hex, 16);
		if (!/^[0-9a-fA-F]*$/.test(hex) || hex.length < least || hex.length > most || code > 0x10ffff)
			this.#refuse('an escape of no character');
		return [[code, code]];
	}

	#repeated(part: Node): Node {
		const next = this.#text[this.#at];
		let [least, most] = [0, Number.POSITIVE_INFINITY];
		if (next === '{') {
			const [all, from = '', comma, to = ''] =
				/^\{(\d+)(,?)(\d*)\}/.exec(this.#text.slice(this.#at, this.#at + 24).join('')) ?? [];
			if (all === undefined) this.#refuse('a { that counts nothing');
			this.#at += all.length;
			least = Number(from);
			most = to !== '' ? Number(to) : comma ? most : least;
			if (most < least) this.#refuse('a {} whose least is more than its most');
			if (least > mostRepeats || (most !== Number.POSITIVE_INFINITY && most > mostRepeats))
				this.#refuse(`more than ${mostRepeats} repetitions`);
		} else if (next === '*' || next === '+' || next === '?') {
			this.#at++;
			if (next === '+') least = 1;
			if (next === '?') most = 1;
		} else {
			return part;
		}
		this.#take('?'); // Lazily or not, the same strings fit.
		if ('*+?{'.includes(this.#text[this.#at] ?? ' ')) this.#refuse('a repetition of a repetition');
		return { kind: 'repeat', part, least, most };
	}
}

function single(ranges: readonly Range[]): number | undefined {
	const [range] = ranges;
	return ranges.length === 1 && range && range[0] === range[1] ? range[0] : undefined;
}

function one(character: string): Node {
	const code = character.codePointAt(0) as number;
	return { kind: 'class', ranges: [[code, code]] };
}

/** The fewest and the most characters of the node's strings. */
function lengths(node: Node): [number, number] {
	switch (node.kind) {
		case 'class':
			return [1, 1];
		case 'sequence':
			return node.parts
				.map(lengths)
				.reduce<[number, number]>((sum, [least, most]) => [sum[0] + least, sum[1] + most], [0, 0]);
		case 'either': {
			const all = node.alternatives.map(lengths);
			return [Math.min(...all.map(([least]) => least)), Math.max(...all.map(([, most]) => most))];
		}
		case 'repeat': {
			const [least, most] = lengths(node.part);
			return [least * node.least, most === 0 || node.most === 0 ? 0 : most * node.most];
		}
	}
}

/** A code point in a class: every character but letters and digits by its number. */
function written(code: number): string {
	const character = String.fromCodePoint(code);
	if (/[a-zA-Z0-9]/.test(character)) return character;
	return code < 0x80
		? `\\x${code.toString(16).padStart(2, '0')}`
		: `\\U${code.toString(16).padStart(8, '0')}`;
}

/** The node as llama.cpp's converter reads it, which copies classes into the grammar as they are. */
function print(node: Node, path: string): string {
	switch (node.kind) {
		case 'class': {
			const ranges = common(node.ranges, plain);
			if (ranges.length === 0)
				throw unsupported(path, 'the pattern asks for a character that JSON writes as an escape');
			return `[${ranges.map(([low, high]) => (low === high ? written(low) : `${written(low)}-${written(high)}`)).join('')}]`;
		}
		case 'sequence':
			return node.parts.map((part) => print(part, path)).join('');
		case 'either': {
			const printed = node.alternatives.map((one) => print(one, path));
			return printed.length === 1 && node.alternatives[0]?.kind === 'class'
				? (printed[0] as string)
				: `(?:${printed.join('|')})`;
		}
		case 'repeat': {
			const { least, most } = node;
			if (most === 0) return '';
			const part = node.part.kind === 'class' ? print(node.part, path) : `(?:${print(node.part, path)})`;
			if (most === Number.POSITIVE_INFINITY)
				return `${part}${least === 0 ? '*' : least === 1 ? '+' : `{${least},}`}`;
			return least === most ? `${part}{${least}}` : `${part}{${least},${most}}`;
		}
	}
}

/**
 * What a `pattern` says of strings, for llama.cpp's converter. Its strings are some of the pattern's: those
 * that JSON writes without an escape. Throws `SCHEMA_UNSUPPORTED`.
 */
export function readPattern(source: string, path: string): Pattern {
	const node = new Parser(source, path).whole();
	const [shortest, longest] = lengths(node);
	return { source: `^${print(node, path)}$`, shortest, longest };
}
