import { Random } from '../../../lib/bench/random.js';
import { adjectives, colors, containers, nouns, places, things, verbs } from './words.js';

export type Split = 'train' | 'test';

/** Wordings of one thing, those to train on and those to test with apart. */
export interface Wordings {
	train: readonly string[];
	test: readonly string[];
}

/** Wordings of which none is in both parts. Throws a RangeError where one is. */
export function heldOut(wordings: Wordings): Wordings {
	const shared = wordings.test.find((wording) => wordings.train.includes(wording));
	if (shared !== undefined) throw new RangeError(`The wording "${shared}" is to train and to test with`);
	return wordings;
}

export function heldOutEach<Name extends string>(each: Record<Name, Wordings>): Record<Name, Wordings> {
	for (const name in each) heldOut(each[name]);
	return each;
}

const onsets = 'b d f g h j k l m n p r s t v z br dr gr kr tr'.split(' ');
const vowels = 'a e i o u'.split(' ');
const codas = ['', '', '', 'n', 'l', 's', 'r', 'm', 'k', 'x'];

function hash(text: string): number {
	let value = 2166136261;
	for (const char of text) value = Math.imul(value ^ char.charCodeAt(0), 16777619);
	return (value ^ (value >>> 15)) >>> 0;
}

/** A fifth of all names and numbers is for tests alone. */
export const splitOf = (item: string | number): Split => (hash(`${item}`) % 5 === 0 ? 'test' : 'train');

/** Random parts of chats, of one split only. */
export class Source extends Random {
	readonly split: Split;

	constructor(seed: number, split: Split) {
		super(seed);
		this.split = split;
	}

	wording(wordings: Wordings): string {
		return this.pick(wordings[this.split]);
	}

	/** A wording with its `{slots}` filled. */
	say(wordings: Wordings, slots: Readonly<Record<string, string | number>> = {}): string {
		return fill(this.wording(wordings), slots);
	}

	/** Whether a number or a name belongs to the split. */
	owns = (item: string | number): boolean => splitOf(item) === this.split;

	/** An integer in `from..to` that belongs to the split. */
	number(from = 2, to = 99): number {
		const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i).filter(this.owns);
		return this.pick(numbers);
	}

	/** A made-up first name of the split. */
	name(): string {
		for (;;) {
			const syllable = () => this.pick(onsets) + this.pick(vowels);
			const name = syllable() + syllable() + this.pick(codas);
			if (this.owns(name)) return name[0]?.toUpperCase() + name.slice(1);
		}
	}

	names(count: number): string[] {
		const names = new Set<string>();
		while (names.size < count) names.add(this.name());
		return [...names];
	}

	thing = () => this.pick(things);
	container = () => this.pick(containers);
	place = () => this.pick(places);
	color = () => this.pick(colors);
	noun = () => this.pick(nouns);
	adjective = () => this.pick(adjectives);

	/** An identifier of one or two words. */
	identifier(): string {
		if (this.chance(0.5)) return this.noun();
		const second = this.noun();
		const first = this.chance(0.5) ? this.pick(verbs) : this.adjective();
		return first + second[0]?.toUpperCase() + second.slice(1);
	}

	/** `count` different results of `make`, none of them in `not`. */
	distinct(count: number, make: () => string, not: readonly string[] = []): string[] {
		const made = new Set<string>();
		while (made.size < count) {
			const one = make();
			if (!not.includes(one)) made.add(one);
		}
		return [...made];
	}
}

export function fill(wording: string, slots: Readonly<Record<string, string | number>>): string {
	return wording.replace(/\{(\w+)\}/g, (_, slot: string) => {
		const value = slots[slot];
		if (value === undefined) throw new Error(`No ${slot} for the wording "${wording}"`);
		return `${value}`;
	});
}
