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

const folder = mkdtempSync(join(tmpdir(), 'reprise-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

let memory: string;
let count = 0;
beforeEach(() => {
	memory = join(folder, `${count++}`, 'memory');
	mkdirSync(join(memory, '..'));
});

/** What does not pay is drafted too, so that nothing depends on timing. */
const drafting: GenerateOptions = { draft: { size: 8 } };
const sessionOptions = { contextLength: 512, threads: 1 };

/** Says the reply to `message` in a session of its own. */
async function say(model: Model, message: string): Promise<{ text: string; earlier: number }> {
	await using session = await model.createSession(sessionOptions);
	const { text, metrics } = await session.generate(ask(message), drafting).result;
	return { text, earlier: metrics.acceptedBySource.earlier };
}

describe('a memory', () => {
	test('lets a session draft from those that ended before it', async () => {
		await using model = await loadModel(embeddedModel, { memory });
		const first = await say(model, problem);
		expect(first.earlier).toBe(0);
		const second = await say(model, problem);
		expect(second.text).toBe(first.text);
		expect(second.earlier).toBeGreaterThan(10);
	});

	test('lets a model draft from what another process said', async () => {
		const args = ['generate', embeddedModel, '--prompt', ask(problem), '--memory', memory];
		const { status, stderr } = await reprise([...args, '--threads', '1', '--json']);
		expect(stderr).toBe('');
		expect(status).toBe(0);
		await using model = await loadModel(embeddedModel, { memory });
		expect((await say(model, problem)).earlier).toBeGreaterThan(10);
	});

	test('remembers what a prompt replaced, and what forks said', async () => {
		await using model = await loadModel(embeddedModel, { memory });
		const other = problem.replace('12 bags', '35 bags');
		await using session = await model.createSession(sessionOptions);
		await session.generate(ask(problem), drafting).result;
		await session.prefill(ask('Copy this text:\nTom found a box.'));
		expect((await say(model, problem)).earlier).toBeGreaterThan(10);
		await session.rollback(0);
		await session.prefill(ask(other));
		const fork = await session.fork();
		await fork.generate(null, drafting).result;
		await fork.dispose();
		await session.history(); // after what the fork's end left to do
		await using again = await model.createSession(sessionOptions);
		const { metrics } = await again.generate(ask(other), drafting).result;
		expect(metrics.acceptedBySource.earlier).toBeGreaterThan(10);
	});

	test('is written by saveMemory, and by dispose', async () => {
		const model = await loadModel(embeddedModel, { memory });
		await model.saveMemory();
		expect(existsSync(memory)).toBe(false);
		await say(model, problem);
		await model.saveMemory();
		const saved = readFileSync(memory);
		await say(model, 'Copy this text:\nMara found a red box near the market.');
		model.dispose();
		expect(readFileSync(memory).length).toBeGreaterThan(saved.length);
		expect(readdirSync(join(memory, '..'))).toEqual(['memory']);
	});

	test('does not grow by what it holds already', async () => {
		const sizes: number[] = [];
		for (let run = 0; run < 2; run++) {
			await using model = await loadModel(embeddedModel, { memory });
			await say(model, problem);
			await model.saveMemory();
			sizes.push(readFileSync(memory).length);
		}
		expect(sizes[1]).toBe(sizes[0]);
	});

	test('forgets the oldest beyond memoryTokens', async () => {
		const short = 'Copy this text:\nMara found a red box near the market.';
		await using model = await loadModel(embeddedModel, { memory, memoryTokens: 30 });
		await say(model, problem);
		await say(model, short);
		expect((await say(model, short)).earlier).toBeGreaterThan(0);
		expect((await say(model, problem)).earlier).toBeLessThan(5);
	});

	test('is nothing that a model has unless asked', async () => {
		await using model = await loadModel(embeddedModel);
		await say(model, problem);
		await model.saveMemory();
		expect((await say(model, problem)).earlier).toBe(0);
	});
});

describe('a file that cannot be the memory', () => {
	test('is refused where it is damaged', async () => {
		const model = await loadModel(embeddedModel, { memory });
		await say(model, problem);
		model.dispose();
		const whole = readFileSync(memory);
		for (const damaged of [
			whole.subarray(0, -1),
			whole.subarray(0, 20),
			Buffer.from(whole).fill(7, 100, 101),
			Buffer.from('something else'),
			Buffer.alloc(0),
		]) {
			writeFileSync(memory, damaged);
			await expect(loadModel(embeddedModel, { memory })).rejects.toMatchObject({ code: 'STATE_IO' });
		}
	});

	test('is refused where it holds tokens of another vocabulary', async () => {
		const model = await loadModel(embeddedModel, { memory });
		await say(model, problem);
		model.dispose();
		await expect(loadModel(await randomModel('tiny-llama'), { memory })).rejects.toMatchObject({
			code: 'STATE_MISMATCH',
		});
	});

	test('is refused where it has no folder, and where it is one', async () => {
		for (const path of [join(memory, 'no', 'folder'), join(memory, '..')])
			await expect(loadModel(embeddedModel, { memory: path })).rejects.toMatchObject({ code: 'STATE_IO' });
	});

	test('is an error when the model is disposed, which it is all the same', async () => {
		const model = await loadModel(embeddedModel, { memory });
		await say(model, problem);
		rmSync(join(memory, '..'), { recursive: true });
		await expect(model.saveMemory()).rejects.toMatchObject({ code: 'STATE_IO' });
		expect(() => model.dispose()).toThrow(expect.objectContaining({ code: 'STATE_IO' }));
		await expect(model.createSession()).rejects.toMatchObject({ code: 'DISPOSED' });
		model.dispose();
	});
});

test('options that would have no effect are refused', async () => {
	for (const options of [{ memoryTokens: 1000 }, { memory, vocabOnly: true }, { memory: '' }])
		await expect(loadModel(embeddedModel, options)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
});
