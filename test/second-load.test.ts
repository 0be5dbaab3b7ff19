import { expect, test } from 'vitest';
import { loadModel } from '../lib/model.js';
import { copyPrompt } from './support/endless.js';
import { runFixture } from './support/fixture.js';
import { embeddedModel, randomModel } from './support/models.js';

async function textFrom(path: string, prompt = copyPrompt): Promise<string> {
	await using model = await loadModel(path);
	await using session = await model.createSession({ contextLength: 256, threads: 1 });
	return await session.generate(prompt, { maxTokens: 16 }).text();
}

test('a model file loads a second time while the first is in use', async () => {
	await using first = await loadModel(embeddedModel);
	await using session = await first.createSession({ contextLength: 256, threads: 1 });
	const generation = session.generate(copyPrompt, { maxTokens: 16 });
	expect(await textFrom(embeddedModel)).toBe(await generation.text());
});

test('a model file loads again after everything was disposed', async () => {
	const first = await textFrom(embeddedModel);
	expect(first).toMatch(/Mara/);
	expect(await textFrom(embeddedModel)).toBe(first);
});

test('models of different architectures live side by side', async () => {
	const paths = await Promise.all([randomModel('tiny-llama'), randomModel('tiny-mamba')]);
	const alone = [await textFrom(paths[0], 'a b c'), await textFrom(paths[1], 'a b c')];
	expect(await Promise.all(paths.map((path) => textFrom(path, 'a b c')))).toEqual(alone);
});

test('two copies of the addon share a process', async () => {
	const { status, signal, stdout, stderr } = await runFixture('second-addon');
	expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
	const { distinct, tokens } = JSON.parse(stdout) as { distinct: boolean; tokens: number[][] };
	expect(distinct).toBe(true);
	expect(tokens[0]?.length).toBeGreaterThan(4);
	expect(tokens[1]).toEqual(tokens[0]);
});
