import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type GenerateOptions, loadModel, type Model } from '../lib/index.js';
import { ask, problem } from './support/chatml.js';
import { reprise } from './support/cli.js';
import { embeddedModel, randomModel } from './support/models.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-corpus-'));
afterAll(() => rmSync(folder, { recursive: true }));

let corpus: string;
let count = 0;
beforeEach(() => {
	corpus = join(folder, `${count++}`, 'corpus');
	mkdirSync(join(corpus, '..'));
});

/** What does not pay is drafted too, so that nothing depends on timing. */
const drafting: GenerateOptions = { draft: { size: 8 } };
const sessionOptions = { contextLength: 512, threads: 1 };

/** Says the reply to `message` in a session of its own. */
async function say(model: Model, message: string): Promise<{ text: string; fromCorpus: number }> {
	await using session = await model.createSession(sessionOptions);
	const { text, metrics } = await session.generate(ask(message), drafting).result;
	return { text, fromCorpus: metrics.acceptedBySource.corpus };
}

describe('a corpus', () => {
	test('lets a session draft from those that ended before it', async () => {
		await using model = await loadModel(embeddedModel, { corpus });
		const first = await say(model, problem);
		expect(first.fromCorpus).toBe(0);
		const second = await say(model, problem);
		expect(second.text).toBe(first.text);
		expect(second.fromCorpus).toBeGreaterThan(10);
	});

	test('lets a model draft from what another process said', async () => {
		const args = ['generate', embeddedModel, '--prompt', ask(problem), '--corpus', corpus];
		const { status, stderr } = await reprise([...args, '--threads', '1', '--json']);
		expect(stderr).toBe('');
		expect(status).toBe(0);
		await using model = await loadModel(embeddedModel, { corpus });
		expect((await say(model, problem)).fromCorpus).toBeGreaterThan(10);
	});

	test('remembers what a prompt replaced, and what forks said', async () => {
		await using model = await loadModel(embeddedModel, { corpus });
		const other = problem.replace('12 bags', '35 bags');
		await using session = await model.createSession(sessionOptions);
		await session.generate(ask(problem), drafting).result;
		await session.prefill(ask('Copy this text:\nTom found a box.'));
		expect((await say(model, problem)).fromCorpus).toBeGreaterThan(10);
		await session.rollback(0);
		await session.prefill(ask(other));
		const fork = await session.fork();
		await fork.generate(null, drafting).result;
		await fork.dispose();
		await session.history(); // after what the fork's end left to do
		await using again = await model.createSession(sessionOptions);
		const { metrics } = await again.generate(ask(other), drafting).result;
		expect(metrics.acceptedBySource.corpus).toBeGreaterThan(10);
	});

	test('is written by saveCorpus, and by dispose', async () => {
		const model = await loadModel(embeddedModel, { corpus });
		await model.saveCorpus();
		expect(existsSync(corpus)).toBe(false);
		await say(model, problem);
		await model.saveCorpus();
		const saved = readFileSync(corpus);
		await say(model, 'Copy this text:\nMara found a red box near the market.');
		await model.dispose();
		expect(readFileSync(corpus).length).toBeGreaterThan(saved.length);
		expect(readdirSync(join(corpus, '..'))).toEqual(['corpus']);
	});

	test('does not grow by what it holds already', async () => {
		const sizes: number[] = [];
		for (let run = 0; run < 2; run++) {
			await using model = await loadModel(embeddedModel, { corpus });
			await say(model, problem);
			await model.saveCorpus();
			sizes.push(readFileSync(corpus).length);
		}
		expect(sizes[1]).toBe(sizes[0]);
	});

	test('forgets the oldest beyond corpusTokens', async () => {
		const short = 'Copy this text:\nMara found a red box near the market.';
		await using model = await loadModel(embeddedModel, { corpus, corpusTokens: 30 });
		await say(model, problem);
		await say(model, short);
		expect((await say(model, short)).fromCorpus).toBeGreaterThan(0);
		expect((await say(model, problem)).fromCorpus).toBeLessThan(5);
	});

	test('is nothing that a model has unless asked', async () => {
		await using model = await loadModel(embeddedModel);
		await say(model, problem);
		await model.saveCorpus();
		expect((await say(model, problem)).fromCorpus).toBe(0);
	});
});

describe('a file that cannot be the corpus', () => {
	test('is refused where it is damaged', async () => {
		const model = await loadModel(embeddedModel, { corpus });
		await say(model, problem);
		await model.dispose();
		const whole = readFileSync(corpus);
		for (const damaged of [
			whole.subarray(0, -1),
			whole.subarray(0, 20),
			Buffer.from(whole).fill(7, 100, 101),
			Buffer.from('something else'),
			Buffer.alloc(0),
		]) {
			writeFileSync(corpus, damaged);
			await expect(loadModel(embeddedModel, { corpus })).rejects.toMatchObject({ code: 'STATE_IO' });
		}
	});

	test('is refused where it holds tokens of another vocabulary', async () => {
		const model = await loadModel(embeddedModel, { corpus });
		await say(model, problem);
		await model.dispose();
		await expect(loadModel(await randomModel('tiny-llama'), { corpus })).rejects.toMatchObject({
			code: 'STATE_MISMATCH',
		});
	});

	test('is refused where it has no folder, and where it is one', async () => {
		for (const path of [join(corpus, 'no', 'folder'), join(corpus, '..')])
			await expect(loadModel(embeddedModel, { corpus: path })).rejects.toMatchObject({ code: 'STATE_IO' });
	});

	test('is an error when the model is disposed, which it is all the same', async () => {
		const model = await loadModel(embeddedModel, { corpus });
		await say(model, problem);
		rmSync(join(corpus, '..'), { recursive: true });
		await expect(model.saveCorpus()).rejects.toMatchObject({ code: 'STATE_IO' });
		await expect(model.dispose()).rejects.toMatchObject({ code: 'STATE_IO' });
		await expect(model.createSession()).rejects.toMatchObject({ code: 'DISPOSED' });
		await model.dispose();
	});
});

test('a second dispose waits until the first has written the file', async () => {
	const model = await loadModel(embeddedModel, { corpus });
	await say(model, problem);
	void model.dispose();
	await model.dispose();
	expect(existsSync(corpus)).toBe(true);
});

test('options that would have no effect are refused', async () => {
	for (const options of [{ corpusTokens: 1000 }, { corpus, vocabOnly: true }, { corpus: '' }])
		await expect(loadModel(embeddedModel, options)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
});
