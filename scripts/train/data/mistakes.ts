import { type Line, operators, runLines } from './program.js';
import type { Source } from './source.js';
import type { Problem } from './word-problems.js';

/** A program with a mistake in it. */
export interface Mistake {
	lines: Line[];
	wrong: Line;
	right: Line;
}

type MistakeMaker = (line: Line, index: number, problem: Problem, source: Source) => Line | undefined;

/** The number somewhat misread: a digit changed, lost or doubled, two of them swapped. */
function misread(number: number, source: Source): number {
	const digits = [...`${number}`];
	const at = source.integer(0, digits.length - 1);
	const kind = source.integer(0, 3);
	if (kind === 0 && digits.length > 1) digits.reverse();
	else if (kind === 1 && digits.length > 1) digits.splice(at, 1);
	else if (kind === 2) digits.splice(at, 0, digits[at] ?? '1');
	else digits[at] = `${source.integer(1, 9)}`;
	return Number(digits.join(''));
}

const numbersOf = ({ lines, unused }: Problem): number[] => [
	...lines.flatMap(({ left, right }) => [left, right]).filter((operand) => typeof operand === 'number'),
	...unused,
];

function otherNumber(number: number, problem: Problem, source: Source): number {
	const others = numbersOf(problem).filter((other) => other !== number);
	return others.length > 0 && source.chance(0.5) ? source.pick(others) : misread(number, source);
}

const makers: readonly MistakeMaker[] = [
	function operator(line, _index, _problem, source) {
		if (!line.operator) return undefined;
		return { ...line, operator: source.pick(operators.filter((other) => other !== line.operator)) };
	},
	function operator(line, _index, _problem, source) {
		if (!line.operator) return undefined;
		return { ...line, operator: source.pick(operators.filter((other) => other !== line.operator)) };
	},
	function number(line, _index, problem, source) {
		if (typeof line.right === 'number') return { ...line, right: otherNumber(line.right, problem, source) };
		if (typeof line.left === 'number') return { ...line, left: otherNumber(line.left, problem, source) };
		return undefined;
	},
	function operand(line, index, problem, source) {
		const earlier = problem.lines.slice(0, index).map(({ name }) => name);
		if (typeof line.left === 'string' && earlier.length > 1)
			return { ...line, left: source.pick(earlier.filter((name) => name !== line.left)) };
		return undefined;
	},
	function swapped(line) {
		const { left, right, operator } = line;
		if (right === undefined || (operator !== '-' && operator !== '/')) return undefined;
		return { ...line, left: right, right: left };
	},
];

/** A mistake in one line of the problem's program that changes what is printed. */
export function mistake(problem: Problem, source: Source): Mistake {
	for (;;) {
		const index = source.integer(0, problem.lines.length - 1);
		const right = problem.lines[index];
		if (!right) continue;
		const wrong = source.pick(makers)(right, index, problem, source);
		if (!wrong) continue;
		const lines = problem.lines.with(index, wrong);
		if (runLines(lines) !== problem.answer) return { lines, wrong, right };
	}
}

/** The program with one step left out, what came after it going on from the step before; or none where it has only one. */
export function withoutStep(problem: Problem, source: Source): Line[] | undefined {
	const { lines } = problem;
	const candidates = lines.flatMap(({ operator, left }, i) =>
		operator && typeof left === 'string' && i > 0 ? [i] : [],
	);
	if (candidates.length < 2) return undefined;
	const index = source.pick(candidates);
	const { name, left } = lines[index] as Line;
	const renamed = (operand: string | number) => (operand === name ? left : operand);
	const rest = lines
		.filter((_, i) => i !== index)
		.map((line) => ({
			...line,
			left: renamed(line.left),
			...(line.right === undefined ? {} : { right: renamed(line.right) }),
		}));
	return runLines(rest) === problem.answer ? undefined : rest;
}
