import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { correct } from '../../lib/correct/correct.js';
import { lookBack } from '../../lib/correct/presets/look-back.js';
import { loadModel, type Model } from '../../lib/model.js';
import { visionModel, visionProjector } from '../support/models.js';
import { noise, png } from '../support/pictures.js';

const folder = fileURLToPath(new URL('../fixtures/pictures/shapes/', import.meta.url));
const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as Array<{
	file: string;
	description: string;
	shapes: Array<{ place: string; colour: string; shape: string }>;
}>;
const image = (file: string) => ({ type: 'image', image: join(folder, file) }) as const;
const text = (of: string) => ({ type: 'text', text: of }) as const;
const greedy = { temperature: 0, maxTokens: 120 };

/** A trained model, which was never shown these drawings. */
let model: Model;
beforeAll(async () => {
	model = await loadModel(visionModel, { images: { projector: visionProjector } });
});
afterAll(() => model?.dispose());

test.each(truth)(
	'it sees what is in $file, with drafts and without',
	async ({ file, description, shapes }) => {
		for (const draft of ['auto', 'off', { size: 16 }] as const) {
			await using session = await model.createSession({ contextLength: 1024 });
			const chat = session.chat();
			const said = await chat.send([image(file), text('What is in the image?')], { ...greedy, draft }).result;
			expect(said.text).toBe(description);
			// The image is in the cache for what is asked next.
			const numbers = ['Zero.', 'One.', 'Two.', 'Three.', 'Four.'];
			const counted = await chat.send('How many shapes are in the image?', { ...greedy, draft }).result;
			expect(counted.text).toBe(numbers[shapes.length]);
			expect(counted.metrics.reusedTokens).toBeGreaterThanOrEqual(said.metrics.promptTokens);
		}
	},
);

test('an image is encoded once, however many sessions and chats show it', async () => {
	const file = png(noise(77, 64, 64));
	const first = await model.readImage(file);
	expect(first.encodeMs).toBeGreaterThan(0);
	const again = await model.readImage(Buffer.from(file));
	expect(again).toMatchObject({ encodeMs: 0, tokens: first.tokens });
});

test('many forks ask about one image at once', async () => {
	const { file, shapes } = truth[6] as (typeof truth)[number];
	await using session = await model.createSession({ contextLength: 2048 });
	const { tokens } = await model.readImage(join(folder, file));
	const start = model.tokenize('<|im_start|>user\n', { parseSpecial: true });
	await session.prefill([...start, ...tokens, ...model.tokenize('What')]);
	const places = ['top left', 'top right', 'bottom left', 'bottom right'];
	const answers = await Promise.all(
		places.map(async (place) => {
			const fork = await session.fork();
			const asked = model.tokenize(`What is at the ${place}?<|im_end|>\n<|im_start|>assistant\n`, {
				parseSpecial: true,
			});
			const said = await fork.generate([...start, ...tokens, ...asked], greedy).result;
			await fork.dispose();
			return said;
		}),
	);
	for (const [index, { text: said, metrics }] of answers.entries()) {
		const there = shapes.find(({ place }) => place === places[index]);
		expect(said).toBe(there ? `A ${there.colour} ${there.shape}.` : 'Nothing.');
		expect(metrics.reusedTokens).toBeGreaterThanOrEqual(start.length + tokens.length);
	}
});

describe('looking back', () => {
	const wrongly = (description: string) => description.replace(/a \w+ \w+ at/, 'a red cross at');

	test.each(truth.filter(({ description }) => wrongly(description) !== description))(
		'finds and mends what an answer about $file gets wrong',
		async ({ file, description }) => {
			await using session = await model.createSession({ contextLength: 2048 });
			const task = { id: file, prompt: 'What is in the image?', images: [join(folder, file)] };
			const mistaken = lookBack().with({ attempt: async () => wrongly(description) });
			const { answer, events } = await correct(session, task, mistaken, {
				generate: greedy,
				budget: { rounds: 3 },
			}).result;
			expect(answer).toBe(description);
			const failed = events.flatMap((event) =>
				event.type === 'verdict' && event.judgement.outcome === 'fail' ? [event.about] : [],
			);
			expect(failed[0]).toContain('a red cross at');
			expect(failed.slice(1).some((claim) => claim?.includes('red cross'))).toBe(false);
		},
	);

	test('leaves a right answer alone', async () => {
		const { file, description } = truth[2] as (typeof truth)[number];
		await using session = await model.createSession({ contextLength: 2048 });
		const task = { id: file, prompt: 'What is in the image?', images: [join(folder, file)] };
		const { answer, round } = await correct(session, task, lookBack(), { generate: greedy }).result;
		expect({ answer, round }).toEqual({ answer: description, round: 1 });
	});
});
