import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { JavaScriptSandbox } from '../lib/correct/verifiers/index.js';
import type { Chat, Task } from '../scripts/train/data/chat.js';
import { chatsOf, endlessChats, taskNames } from '../scripts/train/data/mix.js';
import { heldOut, Source, splitOf } from '../scripts/train/data/source.js';

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const splits = fc.constantFrom('train', 'test');

const take = (seed: number, split: 'train' | 'test', count: number): Chat[] => {
	const chats = endlessChats(seed, split);
	return Array.from({ length: count }, () => chats.next().value);
};

const sandbox = new JavaScriptSandbox();
afterAll(() => sandbox.dispose());

/** What the program of a reply prints. */
async function printedBy(reply: string): Promise<string> {
	const { printed } = await sandbox.run(reply.replace(/^```js|```$/g, ''));
	return printed.trim();
}

/** Every instruction of a chat with the text before and after it. */
function steps({ turns }: Chat): Array<{ before: string; instruction: string; after: string }> {
	const replies = turns.filter(({ role }) => role === 'assistant').map(({ text }) => text);
	const asked = turns.filter(({ role }) => role === 'user').map(({ text }) => text);
	return replies
		.slice(1)
		.map((after, i) => ({ before: replies[i] ?? '', instruction: asked[i + 1] ?? '', after }));
}

function forEachStep(task: Task, check: (step: ReturnType<typeof steps>[number]) => boolean): number {
	let checked = 0;
	fc.assert(
		fc.property(seeds, splits, (seed, split) => {
			for (const chat of chatsOf(task, 20, seed, split))
				for (const step of steps(chat)) if (check(step)) checked++;
		}),
	);
	return checked;
}

describe('The chats to train with', () => {
	it('are the same for the same seed, and others for another', () => {
		fc.assert(
			fc.property(seeds, splits, (seed, split) => {
				expect(JSON.stringify(take(seed, split, 20))).toBe(JSON.stringify(take(seed, split, 20)));
				expect(JSON.stringify(take(seed, split, 20))).not.toBe(JSON.stringify(take(seed ^ 1, split, 20)));
			}),
			{ numRuns: 20 },
		);
	});

	it('hold every task', () => {
		expect(new Set(take(1, 'train', 1000).map(({ task }) => task))).toEqual(new Set(taskNames));
	});

	it('alternate between user and model, and end with something to learn', () => {
		for (const { turns } of [...take(2, 'train', 500), ...take(2, 'test', 500)]) {
			expect(turns.map(({ role }) => role)).toEqual(turns.map((_, i) => (i % 2 ? 'assistant' : 'user')));
			expect(turns.at(-1)?.learn).toBe(true);
			expect(turns.every(({ text }) => text.length > 0 && !/[{}]\w+}|undefined/.test(text))).toBe(true);
		}
	});
});

describe('Train and test', () => {
	it('share no wording: one that is in both is refused', () => {
		expect(() => heldOut({ train: ['Copy {a}.', 'Say {a}.'], test: ['Say {a}.'] })).toThrow(/"Say \{a\}\."/);
	});

	it('share no name and no number', () => {
		const namesOf = (split: 'train' | 'test') => new Set(new Source(3, split).names(2000));
		const tested = namesOf('test');
		expect([...namesOf('train')].filter((name) => tested.has(name))).toEqual([]);
		for (const split of ['train', 'test'] as const)
			for (const { turns } of chatsOf('solve', 500, 4, split))
				for (const number of turns[0]?.text.match(/\d+/g) ?? []) expect(splitOf(Number(number))).toBe(split);
	});

	it('share no problem', () => {
		const problems = (split: 'train' | 'test') =>
			chatsOf('solve', 2000, 5, split).map(({ turns }) => turns[0]?.text);
		const tested = new Set(problems('test'));
		expect(problems('train').some((problem) => tested.has(problem))).toBe(false);
	});
});

describe('Programs', () => {
	it('that are to be learnt print the answer', async () => {
		for (const task of ['solve', 'review', 'repair'] as const)
			for (const { turns, answer } of [...chatsOf(task, 40, 6, 'train'), ...chatsOf(task, 40, 6, 'test')])
				for (const { learn, text } of turns)
					if (learn && text.startsWith('```js')) expect(await printedBy(text)).toBe(`${answer}`);
	});

	it('that are context alone print something else, and the message says what', async () => {
		let checked = 0;
		for (const { turns, answer } of chatsOf('repair', 80, 7, 'train'))
			for (const [i, { role, learn, text }] of turns.entries()) {
				if (role === 'user' || learn) continue;
				const printed = await printedBy(text);
				expect(printed).not.toBe(`${answer}`);
				const said = Math.round(Number(printed) * 1000) / 1000;
				expect(turns[i + 1]?.text).toContain(`${said}`);
				checked++;
			}
		expect(checked).toBeGreaterThan(80);
	});

	it('with a wrong line have just that line replaced in the right one', () => {
		let checked = 0;
		for (const { turns } of chatsOf('review', 300, 8, 'train')) {
			const [, wrong, , remark, , right] = turns.map(({ text }) => text);
			const lines = /^The line `(.+)` is wrong\. It should be `(.+)`\.$/.exec(remark ?? '');
			if (lines) checked++;
			expect(lines ? wrong?.replace(lines[1] ?? '', () => lines[2] ?? '') : wrong).toBe(right);
		}
		expect(checked).toBeGreaterThan(100);
	});
});

describe('Edits', () => {
	const words = (text: string) => text.split(/\b/);
	const sentences = (text: string) => text.match(/[^.]+\./g)?.map((sentence) => sentence.trim()) ?? [];
	const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];

	it('of text replace every such word', () => {
		const wording = /^(?:Replace(?: every)? (\S+) with|Change (\S+) to) (\S+)\.$/;
		const checked = forEachStep('text', ({ before, instruction, after }) => {
			const [, a, b, by = ''] = wording.exec(instruction) ?? [];
			const word = a ?? b;
			if (word === undefined) return false;
			expect(after).toBe(
				words(before)
					.map((other) => (other === word ? by : other))
					.join(''),
			);
			return true;
		});
		expect(checked).toBeGreaterThan(50);
	});

	it('of text take out the sentence named', () => {
		const checked = forEachStep('text', ({ before, instruction, after }) => {
			const [, ordinal = ''] =
				/^(?:Remove|Delete|Leave out|Take out) the (\S+) sentence\.$/.exec(instruction) ?? [];
			if (ordinal === '') return false;
			const kept = sentences(before).filter((_, i) => i !== ordinals.indexOf(ordinal));
			expect(sentences(after)).toEqual(kept);
			return true;
		});
		expect(checked).toBeGreaterThan(50);
	});

	it('of text put a sentence where it belongs', () => {
		const first =
			/^(?:Add this sentence at the beginning|Begin with this(?: sentence)?|Put this sentence first): (.+)$/;
		const last = /^(?:Add this sentence at the end|Append this(?: sentence)?|Put this sentence last): (.+)$/;
		const middle = /^(?:Insert|Put) this(?: sentence)? after the (\S+) (?:sentence|one): (.+)$/;
		const checked = forEachStep('text', ({ before, instruction, after }) => {
			const all = sentences(before);
			const [, begun] = first.exec(instruction) ?? [];
			const [, ended] = last.exec(instruction) ?? [];
			const [, ordinal = '', inserted] = middle.exec(instruction) ?? [];
			const added = begun ?? ended ?? inserted;
			if (added === undefined) return false;
			const at = begun ? 0 : ended ? all.length : ordinals.indexOf(ordinal) + 1;
			expect(sentences(after)).toEqual(all.toSpliced(at, 0, added));
			return true;
		});
		expect(checked).toBeGreaterThan(50);
	});

	it('of text exchange sentences, and change the case', () => {
		const checked = forEachStep('text', ({ before, instruction, after }) => {
			const all = sentences(before);
			if (/^(Write|Make).* lower case\.$/.test(instruction)) expect(after).toBe(before.toLowerCase());
			else if (/^(Swap|Exchange) the first/.test(instruction))
				expect(sentences(after)).toEqual([all.at(-1), ...all.slice(1, -1), all[0]]);
			else if (/^Move the first sentence to the (very )?end\.$/.test(instruction))
				expect(sentences(after)).toEqual([...all.slice(1), all[0]]);
			else return false;
			return true;
		});
		expect(checked).toBeGreaterThan(50);
	});

	it('of code rename an identifier wherever it stands', () => {
		const wording = /^(?:Rename|Change the name|Call|Give|The name of) `(\w+)`[^`]*`(\w+)`/;
		const checked = forEachStep('code', ({ before, instruction, after }) => {
			const [, name, by = ''] = wording.exec(instruction) ?? [];
			if (name === undefined) return false;
			expect(after).toBe(
				words(before)
					.map((word) => (word === name ? by : word))
					.join(''),
			);
			return true;
		});
		expect(checked).toBeGreaterThan(50);
	});

	it('of JSON give what the object would be', () => {
		const parse = (reply: string) =>
			JSON.parse(reply.replace(/^```json|```$/g, '')) as Record<string, unknown>;
		const value = '(\\d+|true|false|"\\w+"|\\[.*\\])';
		const wordings = {
			set: new RegExp(`^(?:Set|Change|Let)(?: the value of)? "(\\w+)" (?:to|be) ${value}\\.$`),
			add: new RegExp(`^(?:Add|Append) "(\\w+)"(?: with the value|:) ${value}(?: at the end)?\\.$`),
			rename: /^(?:Rename(?: the key)?|Change the name) "(\w+)" to ("\w+")\.$/,
			remove: /^(?:Remove|Delete|Take out)(?: the key)? "(\w+)"\.$/,
			last: /^(?:Move|Put)(?: the key)? "(\w+)" (?:to|at) the end\.$/,
		};
		const kinds = Object.keys(wordings) as Array<keyof typeof wordings>;
		const checked = forEachStep('json', ({ before, instruction, after }) => {
			const kind = kinds.find((name) => wordings[name].test(instruction));
			if (kind === undefined) return false;
			const [, key = '', given = 'null'] = wordings[kind].exec(instruction) ?? [];
			const object = parse(before);
			const entries = Object.entries(object);
			const without = entries.filter(([other]) => other !== key);
			const wanted = {
				set: () => Object.entries({ ...object, [key]: JSON.parse(given) }),
				add: () => [...entries, [key, JSON.parse(given)]],
				rename: () => entries.map(([other, held]) => [other === key ? JSON.parse(given) : other, held]),
				remove: () => without,
				last: () => [...without, [key, object[key]]],
			}[kind]();
			expect(Object.entries(parse(after))).toEqual(wanted);
			return true;
		});
		expect(checked).toBeGreaterThan(100);
	});
});

describe('Questions', () => {
	it('are answered by what the text says', () => {
		for (const { turns } of chatsOf('question', 300, 9, 'train')) {
			const text = turns[0]?.text ?? '';
			for (const { role, text: reply } of turns)
				if (role === 'assistant')
					for (const word of reply.match(/\b([A-Z]?[a-z]+[a-z]{3,}|\d+)\b/g) ?? [])
						if (word !== 'keeps' && word !== 'cost' && word !== 'dollars') expect(text).toContain(word);
		}
	});
});
