import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Conversation, readConversations } from '../../lib/replay/conversations.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-replay-'));

const good = {
	dataset: 'set',
	model: 'model',
	template: 'chatml',
	system: 'Be brief.',
	turns: [{ user: 'Hello', assistant: 'Hi' }],
};

function write(content: string | Uint8Array): string {
	const path = join(folder, 'conversations.jsonl');
	writeFileSync(path, content);
	return path;
}

async function readAll(content: string | Uint8Array): Promise<Conversation[]> {
	const all: Conversation[] = [];
	for await (const conversation of readConversations(write(content))) all.push(conversation);
	return all;
}

describe('reading', () => {
	test('gives one conversation a line, blank lines and Windows line ends aside', async () => {
		const lines = [good, { ...good, dataset: 'other' }].map((value) => JSON.stringify(value));
		expect(await readAll(`${lines[0]}\r\n\n${lines[1]}`)).toEqual([good, { ...good, dataset: 'other' }]);
	});

	test('leaves out the data set’s own fields', async () => {
		expect(await readAll(JSON.stringify({ ...good, id: 1, gold: '18' }))).toEqual([good]);
	});

	test.each([[null], [undefined]])('takes a system prompt of %s for none', async (system) => {
		expect(await readAll(JSON.stringify({ ...good, system }))).toEqual([{ ...good, system: '' }]);
	});

	test('keeps texts as they are: line separators, characters across reads, empty answers', async () => {
		const turns = [
			{ user: 'a\u2028b\u2029c', assistant: '' },
			{ user: '語'.repeat(100_000), assistant: 'é😀'.repeat(50_000) },
		];
		expect(await readAll(JSON.stringify({ ...good, turns }))).toEqual([{ ...good, turns }]);
	});

	test('tells how many bytes were read', async () => {
		const path = write(`${JSON.stringify(good)}\n`.repeat(2000));
		let bytes = 0;
		for await (const _ of readConversations(path, (count) => (bytes += count)));
		expect(bytes).toBe(2000 * (JSON.stringify(good).length + 1));
	});
});

describe('an error names the file, the line and the field', () => {
	const json = JSON.stringify;
	test.each([
		['no JSON', '{"dataset"', 'OPTION_INVALID', /line 1: Expected a JSON object: /],
		['no object', '[]', 'OPTION_INVALID', /line 1: Expected an object for the line but received an array/],
		[
			'a later line',
			`${json(good)}\n\n7`,
			'OPTION_INVALID',
			/line 3: Expected an object for the line but received 7/,
		],
		[
			'a missing field',
			json({ ...good, model: undefined }),
			'OPTION_INVALID',
			/line 1: Expected a string for model/,
		],
		[
			'an unknown template',
			json({ ...good, template: 'alpaca' }),
			'OPTION_INVALID',
			/Expected one of 'chatml', 'llama3' for template but received "alpaca"/,
		],
		['no turns', json({ ...good, turns: [] }), 'OPTION_INVALID', /Expected an array of turns for turns/],
		[
			'a turn without an answer',
			json({ ...good, turns: [...good.turns, { user: 'Hm' }] }),
			'OPTION_INVALID',
			/Expected a string for turns\[1\]\.assistant but received undefined/,
		],
		[
			'a lone surrogate',
			json({ ...good, turns: [{ user: '\ud800', assistant: '' }] }),
			'TEXT_INVALID',
			/line 1: .*turns\[0\]\.user/,
		],
		['other bytes than UTF-8', Uint8Array.of(0xff, 0xfe), 'TEXT_INVALID', /Expected UTF-8 text/],
		['nothing', '\n', 'OPTION_INVALID', /holds no conversation/],
	])('for %s', async (_, content, code, message) => {
		const error = await readAll(content).catch((reason: unknown) => reason);
		expect(error).toMatchObject({ name: 'RepriseError', code });
		expect((error as Error).message).toMatch(message);
		expect((error as Error).message).toContain(join(folder, 'conversations.jsonl'));
	});

	test.each([
		['a missing file', join(folder, 'none.jsonl'), /There is no file .*none\.jsonl/],
		['a directory', folder, /is a directory; pass the JSONL files in it/],
	])('for %s', async (_, path, message) => {
		const reading = readConversations(path).next();
		await expect(reading).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringMatching(message),
		});
	});
});
