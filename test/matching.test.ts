import { afterAll, describe, expect, test } from 'vitest';
import { loadModel } from '../lib/index.js';
import { reprise } from './support/cli.js';
import { embeddedModel } from './support/models.js';

const model = await loadModel(embeddedModel, { devices: [] });
afterAll(() => model.dispose());

const reference = 'A list of fruits: apple, banana, cherry, apple, banana, cherry.';
const options = { maxTokens: 24, temperature: 0 };

async function textBy(matching: 'auto' | 'index') {
	await using session = await model.createSession({ contextLength: 512, threads: 1, matching });
	await session.addReference(reference);
	return (await session.generate('A list of fruits: apple,', options)).text;
}

/** Whether a device may search depends on the machine. */
async function hasDevice() {
	await using session = await model.createSession({ contextLength: 64, threads: 1 });
	return (await session.placement()).deviceMatching;
}

describe('matching', () => {
	test('finds the same text whoever searches', async () => {
		expect(await textBy('auto')).toBe(await textBy('index'));
	});

	test("by 'index' no device may search", async () => {
		await using session = await model.createSession({ contextLength: 64, threads: 1, matching: 'index' });
		expect((await session.placement()).deviceMatching).toBe(false);
	});

	test("by 'device' a session is refused where no device can search, and told why", async () => {
		if (await hasDevice()) return;
		await expect(model.createSession({ matching: 'device' })).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringMatching(
				/^Expected 'auto' or 'index' for matching but received 'device': no device can hold and search texts, because /,
			),
		});
	});

	test('is an option of the command line', async () => {
		if (await hasDevice()) return;
		const { status, stderr } = await reprise([
			'generate',
			embeddedModel,
			'--prompt',
			'Hi',
			'--matching',
			'device',
		]);
		expect(status).not.toBe(0);
		expect(stderr).toContain("received 'device'");
	});
});
