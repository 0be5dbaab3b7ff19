import { type Line, type Operator, renderProgram, runLines } from './program.js';
import { sentence } from './sentences.js';
import { fill, type Source, type Wordings } from './source.js';
import { questions } from './story-questions.js';
import * as startWordings from './story-starts.js';
import * as stepWordings from './story-steps.js';

/** A word problem, the program that solves it, and its answer as counted along with the story. */
export interface Problem {
	text: string;
	lines: Line[];
	answer: number;
	/** Numbers of the text that the program has no use for. */
	unused: number[];
	/** Where a sentence has a verb that nobody knows: the programs of what else it might mean. */
	otherReadings: Line[][];
}

interface Story {
	readonly source: Source;
	readonly slots: Record<string, string | number>;
	readonly sentences: string[];
	readonly lines: Line[];
	readonly unused: number[];
	/** What is counted, and how many there are. */
	unit: string;
	value: number;
	question: keyof typeof questions;
	steps: number;
	strange?: StrangeStep;
}

/** What a sentence with an unknown verb may tell of an amount. */
type Reading = { readonly name: string; readonly operator: Operator } | undefined;

/** A sentence of which nothing tells how it is to be read, and its number. */
interface StrangeStep {
	/** How many lines come before what it stands for. */
	at: number;
	k: number;
	reading: Reading;
}

function addLine(story: Story, line: Line): void {
	const taken = story.lines.map(({ name }) => name);
	const name = taken.includes(line.name)
		? `${line.name}${taken.filter((n) => n.startsWith(line.name)).length + 1}`
		: line.name;
	story.lines.push({ ...line, name });
	if (line.operator) story.steps++;
}

const current = (story: Story): string => story.lines.at(-1)?.name ?? '';

function say(story: Story, wording: Wordings, slots: Record<string, string | number>): void {
	const { source, unit } = story;
	story.sentences.push(source.say(wording, { ...story.slots, unit, place: source.place(), ...slots }));
}

const starts: ReadonlyArray<(story: Story) => void> = [
	function plain(story) {
		const n = story.source.number(10, 99);
		say(story, startWordings.plainStarts, { n });
		addLine(story, { name: story.unit, left: n });
		story.value = n;
	},
	function groups(story) {
		const [n, m, boxes] = [story.source.number(2, 40), story.source.number(2, 40), story.source.container()];
		say(story, startWordings.groupStarts, { n, m, boxes });
		addLine(story, { name: boxes, left: n });
		addLine(story, { name: story.unit, left: boxes, operator: '*', right: m });
		story.value = n * m;
	},
	function rate(story) {
		const [n, m] = [story.source.number(2, 30), story.source.number(2, 40)];
		say(story, startWordings.rateStarts, { n, m });
		addLine(story, { name: 'days', left: n });
		addLine(story, { name: story.unit, left: 'days', operator: '*', right: m });
		story.value = n * m;
	},
	function twoColors(story) {
		const { source } = story;
		const [first = '', second = ''] = source.distinct(2, source.color);
		const [n, m] = [source.number(), source.number()];
		say(story, startWordings.twoColorStarts, { n, m, first, second });
		addLine(story, { name: first, left: n });
		addLine(story, { name: second, left: m });
		addLine(story, { name: story.unit, left: first, operator: '+', right: second });
		story.value = n + m;
	},
	function price(story) {
		const [n, m] = [story.source.number(2, 60), story.source.number(2, 40)];
		say(story, startWordings.priceStarts, { n, m });
		addLine(story, { name: story.unit, left: n });
		addLine(story, { name: 'dollars', left: story.unit, operator: '*', right: m });
		story.unit = 'dollars';
		story.value = n * m;
	},
	function twoPrices(story) {
		const { source, unit } = story;
		const [others = ''] = source.distinct(1, source.thing, [unit]);
		const [n, m, k, p] = [
			source.number(2, 40),
			source.number(2, 30),
			source.number(2, 40),
			source.number(2, 30),
		];
		say(story, startWordings.twoPriceStarts, { n, m, k, p, others });
		addLine(story, { name: unit, left: n, operator: '*', right: m });
		addLine(story, { name: others, left: k, operator: '*', right: p });
		addLine(story, { name: 'dollars', left: unit, operator: '+', right: others });
		story.unit = 'dollars';
		story.value = n * m + k * p;
		story.steps = 2;
	},
];

/** Tells that an amount comes or goes. */
function change(story: Story, verbs: Wordings, objects: Wordings, k: number): void {
	const { source, unit } = story;
	const slots = { ...story.slots, unit, k, place: source.place() };
	const parts = [stepWordings.openings, verbs, objects, stepWordings.endings].map((part) =>
		source.wording(part),
	);
	const [opening = '', verb = '', object = '', ending = ''] = parts;
	story.sentences.push(fill(`${opening}{name} ${verb} ${object}${ending}.`, slots));
}

const money = (story: Story): boolean => story.unit === 'dollars';

/** Each continues the story by one step, or returns false where it does not fit. */
const events: ReadonlyArray<(story: Story) => boolean> = [
	function gain(story) {
		const k = story.source.number();
		change(
			story,
			money(story) ? stepWordings.moneyGainVerbs : stepWordings.gainVerbs,
			stepWordings.gainObjects,
			k,
		);
		addLine(story, { name: 'now', left: current(story), operator: '+', right: k });
		story.value += k;
		return true;
	},
	function loss(story) {
		if (story.value < 12) return false;
		const k = story.source.number(2, Math.min(99, story.value - 1));
		change(
			story,
			money(story) ? stepWordings.moneyLossVerbs : stepWordings.lossVerbs,
			stepWordings.lossObjects,
			k,
		);
		addLine(story, { name: 'left', left: current(story), operator: '-', right: k });
		story.value -= k;
		return true;
	},
	function growth(story) {
		if (story.value > 999) return false;
		const k = story.source.number(2, 12);
		say(story, stepWordings.growths, { k });
		addLine(story, { name: 'grown', left: current(story), operator: '*', right: k });
		story.value *= k;
		return true;
	},
	function sale(story) {
		if (money(story) || story.value > 999) return false;
		const k = story.source.number(2, 30);
		say(story, stepWordings.sales, { k });
		addLine(story, { name: 'dollars', left: current(story), operator: '*', right: k });
		story.unit = 'dollars';
		story.value *= k;
		return true;
	},
];

const readings: readonly Reading[] = [
	{ name: 'now', operator: '+' },
	{ name: 'left', operator: '-' },
	{ name: 'grown', operator: '*' },
	undefined,
];

/** Something happens to the amount, or does not: the verb is made up. */
function strangeStep(story: Story): void {
	const { source, value } = story;
	const k = source.number(2, 12);
	const verbs = { train: [`${source.name().toLowerCase()}s`], test: [] };
	const reading = readings[source.integer(0, readings.length - 1)];
	story.strange = { at: story.lines.length, k, reading };
	change(story, verbs, stepWordings.gainObjects, k);
	story.steps++;
	if (!reading) return;
	addLine(story, { ...reading, left: current(story), right: k });
	story.value = reading.operator === '+' ? value + k : reading.operator === '-' ? value - k : value * k;
}

/** The programs that other readings of the story's strange sentence give. */
function otherReadings({ strange, lines, value }: Story): Line[][] {
	if (!strange) return [];
	const { at, k, reading } = strange;
	const before = lines.slice(0, at);
	const left = before.at(-1)?.name ?? '';
	const said = reading ? (lines[at]?.name ?? '') : left;
	return readings
		.filter((other) => other !== reading)
		.map((other) => {
			const step = other ? [{ ...other, name: 'step', left, right: k }] : [];
			const now = other ? 'step' : left;
			const renamed = <T>(operand: T) => (operand === said ? now : operand);
			const after = lines.slice(reading ? at + 1 : at).map((line) => ({
				...line,
				left: renamed(line.left),
				...(line.right === undefined ? {} : { right: renamed(line.right) }),
			}));
			return numbered([...before, ...step, ...after], other?.name);
		})
		.filter((program) => runLines(program) !== value);
}

/** The lines with their names numbered as they come: left, left2. The line named 'step' is called `name`. */
function numbered(lines: readonly Line[], name = ''): Line[] {
	const names = new Map<string, string>();
	const counts = new Map<string, number>();
	return lines.map((line) => {
		const renamed = <T>(operand: T) => (names.get(`${operand}`) as T) ?? operand;
		const base = line.name === 'step' ? name : line.name.replace(/\d+$/, '');
		const count = (counts.get(base) ?? 0) + 1;
		counts.set(base, count);
		const next = {
			...line,
			name: count > 1 ? `${base}${count}` : base,
			left: renamed(line.left),
			...(line.right === undefined ? {} : { right: renamed(line.right) }),
		};
		names.set(line.name, next.name);
		return next;
	});
}

/** Each ends the story. */
const ends: ReadonlyArray<(story: Story) => boolean> = [
	function share(story) {
		const { source, value } = story;
		const parts = Array.from({ length: 39 }, (_, i) => i + 2).filter(
			(k) => value % k === 0 && value > k && source.owns(k),
		);
		if (parts.length === 0) return false;
		const k = source.pick(parts);
		say(story, stepWordings.shares, { k });
		addLine(story, { name: 'each', left: current(story), operator: '/', right: k });
		story.value /= k;
		story.question = 'each';
		return true;
	},
	function compare(story) {
		const { source, value } = story;
		const operator = source.pick(['+', '-', '*'] as const);
		if (operator === '-' && value < 12) return false;
		const k =
			operator === '*'
				? source.number(2, 12)
				: source.number(2, operator === '-' ? Math.min(99, value - 1) : 99);
		say(story, stepWordings.comparisons[operator], { k });
		const own = current(story);
		addLine(story, { name: 'other', left: own, operator, right: k });
		const other = operator === '+' ? value + k : operator === '-' ? value - k : value * k;
		story.question = source.chance(0.5) ? 'other' : 'both';
		story.value = other;
		if (story.question === 'both') {
			addLine(story, { name: 'both', left: own, operator: '+', right: 'other' });
			story.value = value + other;
		}
		return true;
	},
];

function distract(story: Story): void {
	const { source, sentences, slots, unused } = story;
	const k = source.number();
	const distractor =
		source.split === 'train' && source.chance(0.3)
			? sentence(source)
			: source.say(stepWordings.distractors, { ...slots, k, place: source.place() });
	sentences.splice(source.integer(0, sentences.length), 0, distractor);
	if (distractor.includes(`${k}`)) unused.push(k);
}

/**
 * A story of one to four steps about one person's things. In training, a share of them (`strange`) has a sentence
 * whose verb is made up: it can only be guessed what it tells, and only a verifier can say that the guess was wrong.
 */
export function wordProblem(source: Source, strange = 0.1): Problem {
	const [name = '', other = ''] = source.names(2);
	const story: Story = {
		source,
		slots: { name, other },
		sentences: [],
		lines: [],
		unused: [],
		unit: source.thing(),
		value: 0,
		question: 'have',
		steps: 0,
	};
	const steps = source.pick([1, 2, 2, 3, 3, 4]);
	source.pick(starts)(story);
	if (source.split === 'train' && source.chance(strange)) {
		if (source.chance(0.3)) source.pick(events)(story);
		if (story.value > 12 && story.value < 1000) strangeStep(story);
	}
	while (story.steps < steps - 1) source.pick(events)(story);
	while (story.steps < steps && story.question === 'have')
		source.pick(source.chance(0.5) ? ends : events)(story);
	if (source.chance(0.35)) distract(story);
	say(story, questions[story.question], {});
	const { lines, value: answer, unused } = story;
	if (runLines(lines) !== answer)
		throw new Error(`The program does not print ${answer}:\n${renderProgram(lines)}`);
	return { text: story.sentences.join(' '), lines, answer, unused, otherReadings: otherReadings(story) };
}
