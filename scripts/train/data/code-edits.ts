import { assistant, type Chat, type Turn, user } from './chat.js';
import { instruct, present } from './requests.js';
import { heldOut, heldOutEach, type Source } from './source.js';

const frames = heldOut({
	train: [
		'{content}\n{instruction}',
		'{instruction}\n{content}',
		'This is the code:\n{content}\n{instruction}',
	],
	test: ['Here is the code:\n{content}\n{instruction}', '{instruction}\n\n{content}'],
});

const wordings = heldOutEach({
	rename: {
		train: [
			'Rename `{a}` to `{b}`.',
			'Call `{a}` `{b}` instead.',
			'Change the name `{a}` to `{b}`.',
			'The name of `{a}` should be `{b}`.',
			'Use `{b}` as the name of `{a}`.',
			'Replace `{a}` with `{b}`.',
			'`{a}` should be named `{b}`.',
			'Rename: `{a}` becomes `{b}`.',
			'Let `{a}` be called `{b}`.',
			'Write `{b}` wherever it says `{a}`.',
		],
		test: ['Rename `{a}` to `{b}` everywhere.', 'Give `{a}` the name `{b}`.'],
	},
	number: {
		train: [
			'Change {a} to {b}.',
			'Replace {a} with {b}.',
			'Use {b} instead of {a}.',
			'Write {b} for {a}.',
			'Let {a} be {b}.',
			'Turn {a} into {b}.',
			'{a} should be {b}.',
			'Exchange {a} for {b}.',
			'The number {a} should become {b}.',
			'Set {a} to {b}.',
		],
		test: ['Put {b} in place of {a}.', 'Change the number {a} to {b}.'],
	},
	insert: {
		train: [
			'Insert `{line}` before the last return.',
			'Add the line `{line}` before the last return.',
			'Before the last return write `{line}`.',
			'Put `{line}` before the last return.',
			'Write the line `{line}` before the last return.',
			'Place `{line}` right before the last return.',
		],
		test: ['Add `{line}` before the last return.', 'Insert the line `{line}` before the last return.'],
	},
	remove: {
		train: [
			'Delete the line `{line}`.',
			'Remove the line `{line}`.',
			'Take out `{line}`.',
			'Drop the line `{line}`.',
			'Remove `{line}`.',
			'The line `{line}` has to go.',
			'Erase `{line}`.',
			'Cut `{line}`.',
			'Write it without `{line}`.',
		],
		test: ['Delete `{line}`.', 'Leave out the line `{line}`.'],
	},
	append: {
		train: [
			'Add this function:\n{function}',
			'Append this function:\n{function}',
			'Write this function below:\n{function}',
			'Put this function last:\n{function}',
			'Below goes this function:\n{function}',
			'One more function:\n{function}',
			'Insert this function at the end:\n{function}',
		],
		test: ['Add this function at the end:\n{function}'],
	},
	swap: {
		train: [
			'Swap the two functions.',
			'Exchange the two functions.',
			'Change the order of the functions.',
			'Exchange the functions.',
			'Put the second function first.',
			'The two functions swap places.',
			'Reverse the order of the functions.',
		],
		test: ['Let the two functions change places.', 'Swap the functions.'],
	},
});

/** Lines of a function: its head, its body and the closing brace. */
type Lines = readonly string[];

/** A function of a few lines with names and numbers of its own. */
export function makeFunction(source: Source): Lines {
	const [name = '', parameter = '', a = '', b = ''] = source.distinct(4, () => source.identifier());
	const operator = source.pick(['+', '-', '*']);
	const [n, m] = [source.number(), source.number()];
	const body = source.pick([
		[`const ${a} = ${parameter} ${operator} ${n};`, `return ${a};`],
		[`const ${a} = ${parameter} ${operator} ${n};`, `const ${b} = ${a} + ${m};`, `return ${b};`],
		[`let ${a} = ${n};`, `for (const ${b} of ${parameter}) {`, `  ${a} += ${b};`, '}', `return ${a};`],
		[`if (${parameter} > ${n}) {`, `  return ${m};`, '}', `return ${parameter};`],
		[`console.log(${parameter});`, `return ${parameter} ${operator} ${n};`],
		[`const ${a} = ${n};`, `console.log(${a});`, `return ${parameter} ${operator} ${a};`],
		[`while (${parameter} < ${n}) {`, `  ${parameter} = ${b}(${parameter});`, '}', `return ${parameter};`],
		[`const ${a} = ${b}(${parameter}, ${n});`, `return ${a};`],
		[`${b}.push(${parameter});`, `return ${b}.length;`],
		[`if (${parameter} === ${n}) return ${m};`, `return ${a}(${parameter});`],
		[`return ${parameter}.map((${b}) => ${b} ${operator} ${n});`],
	]);
	return [`function ${name}(${parameter}) {`, ...body.map((line) => `  ${line}`), '}'];
}

const render = (functions: readonly Lines[]): string =>
	functions.map((lines) => lines.join('\n')).join('\n\n');
const fenced = (code: string): string => `\`\`\`js\n${code}\n\`\`\``;

const keywords = new Set('function const let return for of if map console log'.split(' '));

const replaceWord = (functions: readonly Lines[], a: string, b: string): string[][] =>
	functions.map((lines) => lines.map((line) => line.replace(new RegExp(`\\b${a}\\b`, 'g'), b)));

interface Edit {
	instruction: string;
	result: Lines[];
}

const edits: ReadonlyArray<(functions: readonly Lines[], source: Source) => Edit | undefined> = [
	function rename(functions, source) {
		const names = [...new Set(render(functions).match(/[A-Za-z]+/g))].filter((name) => !keywords.has(name));
		const a = source.pick(names);
		const [b = ''] = source.distinct(1, () => source.identifier(), names);
		return { instruction: instruct(source, wordings.rename, { a, b }), result: replaceWord(functions, a, b) };
	},
	function number(functions, source) {
		const a = source.pick(render(functions).match(/\b\d+\b/g) ?? ['']);
		if (a === '') return undefined;
		const b = `${source.number()}`;
		return { instruction: instruct(source, wordings.number, { a, b }), result: replaceWord(functions, a, b) };
	},
	function insert(functions, source) {
		const [lines] = functions;
		if (functions.length > 1 || !lines || lines.length > 7) return undefined;
		const line = source.pick([
			`console.log(${source.noun()});`,
			`const ${source.identifier()} = ${source.number()};`,
		]);
		const at = lines.findLastIndex((text) => text.startsWith('  return'));
		const instruction = instruct(source, wordings.insert, { line });
		return { instruction, result: [lines.toSpliced(at, 0, `  ${line}`)] };
	},
	function remove(functions, source) {
		const candidates = functions.flat().filter((text) => /^ {2}(const|console)/.test(text));
		if (candidates.length === 0) return undefined;
		const line = source.pick(candidates);
		if (functions.flat().filter((text) => text === line).length > 1) return undefined;
		const result = functions.map((lines) => lines.filter((text) => text !== line));
		return { instruction: instruct(source, wordings.remove, { line: line.trim() }), result };
	},
	function append(functions, source) {
		if (functions.length > 1) return undefined;
		const added = makeFunction(source);
		return {
			instruction: instruct(source, wordings.append, { function: added.join('\n') }),
			result: [...functions, added],
		};
	},
	function swap(functions, source) {
		if (functions.length !== 2) return undefined;
		return { instruction: instruct(source, wordings.swap), result: functions.toReversed() };
	},
];

/** One or two functions, edited over several turns. */
export function codeEdits(source: Source): Chat {
	let functions: Lines[] = Array.from({ length: source.pick([1, 1, 2]) }, () => makeFunction(source));
	const turns: Turn[] = [];
	const rounds = source.pick([1, 2, 3, 3]);
	while (turns.length < 2 * rounds) {
		const edit = source.pick(edits)(functions, source);
		if (!edit) continue;
		const { instruction } = edit;
		const code = fenced(render(functions));
		turns.push(user(turns.length === 0 ? present(source, frames, code, instruction) : instruction));
		functions = edit.result;
		turns.push(assistant(fenced(render(functions))));
	}
	return { task: 'code', turns };
}
