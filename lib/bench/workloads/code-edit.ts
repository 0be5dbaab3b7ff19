import type { Random } from '../random.js';
import type { TaskRequest, TaskText, Workload } from '../task.js';
import { type SourceFile, sources } from '../texts/sources.js';
import { longestThatFits, type Made, mostThatFit } from './fit.js';
import { changes, mistakes, rename, resolve } from './marks.js';
import { choicesOf, inTurn } from './order.js';

/** A file of a program is said again with changes and with other names. */
export const codeEdit: Workload = {
	name: 'code-edit',
	description: 'a file of a program is changed: all of it is said again, with edits and renamed identifiers',
	async text(request) {
		const random = choicesOf('code-edit', request);
		const [first, others] = inTurn(sources, request, random);
		let made: Made = { skipped: 'no file is short enough' };
		for (const file of [first, ...others]) {
			made = await edit(file, request, random);
			if (!('skipped' in made)) break;
		}
		return made;
	},
};

/** A change of a file, or of its first blocks where there is no room for all of it. */
async function edit(file: SourceFile, request: TaskRequest, random: Random): Promise<Made> {
	const others = random.shuffle(sources.filter((other) => other !== file));
	const renames = file.renames.filter(() => random.chance(0.7));
	const blocks = blocksOf(file.text);
	const beginning = (parts: number): SourceFile => ({ ...file, text: blocks.slice(0, parts).join('\n\n') });
	const { parts } = await mostThatFit(request, { least: 1, most: blocks.length }, (count) =>
		toTask('', beginning(count), renames, count < blocks.length),
	);
	return withOtherFiles(request, others, random, (context) =>
		toTask(context, beginning(parts), renames, parts < blocks.length),
	);
}

function toTask(
	context: string,
	file: SourceFile,
	renames: SourceFile['renames'],
	isBeginning = false,
): TaskText {
	const right = resolve(file.text.trim(), mistakes, 'second');
	const before = resolve(right, changes, 'first');
	const used = renames.filter(([from]) => rename(before, [[from, '']]) !== before);
	const renaming = used.map(([from, to]) => `rename \`${from}\` to \`${to}\``);
	const ask = [file.change, ...renaming].join('; ');
	const after = rename(resolve(right, changes, 'second'), used);
	const [what, give] = isBeginning ? ['This is the beginning of ', 'that part'] : ['', 'the whole file'];
	return {
		messages: [
			{
				role: 'user',
				content: `${context}${what}${fenced(file, before)}\n\nChange \`${file.path}\` as follows: ${ask}. Give me ${give}.`,
			},
		],
		answer: `Here is \`${file.path}\` with these changes:\n\n${fenced({ language: file.language }, after)}`,
	};
}

/** A task with as much of other files before it as there is room for. */
export function withOtherFiles(
	request: TaskRequest,
	others: readonly SourceFile[],
	random: Random,
	make: (context: string) => TaskText,
): Promise<Made> {
	const blocks = others.flatMap((file) =>
		blocksOf(plainText(file)).map((block, index) => ({ file, block, index })),
	);
	const introduction = random.pick([
		'These files are part of the project:',
		'Some files of the project first:',
	]);
	return longestThatFits(request, { most: blocks.length }, (parts) => {
		const files = others.flatMap((file) => {
			const kept = blocks.slice(0, parts).filter((block) => block.file === file);
			return kept.length > 0 ? [fenced(file, kept.map(({ block }) => block).join('\n\n'))] : [];
		});
		return make(
			files.length > 0
				? `${introduction}\n\n${files.join('\n\n')}\n\nAnd this is the one to change:\n\n`
				: '',
		);
	});
}

/** The file as it is, without mistakes. */
function plainText(file: SourceFile): string {
	return resolve(resolve(file.text.trim(), mistakes, 'second'), changes, 'first');
}

const blocksOf = (text: string): string[] => text.trim().split(/\n{2,}/);

export function fenced({ path, language }: { path?: string; language: string }, text: string): string {
	const fence = `\`\`\`${language}\n${text}\n\`\`\``;
	return path === undefined ? fence : `\`${path}\`:\n\n${fence}`;
}
