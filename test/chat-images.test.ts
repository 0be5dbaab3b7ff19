import { afterAll, expect, test } from 'vitest';
import { imagesByPart } from '../lib/chat-images.js';
import { loadModel } from '../lib/index.js';
import { bmp } from './support/bmp.js';
import { randomModel, randomProjector } from './support/models.js';

const model = await loadModel(await randomModel('tiny-llama'), {
	images: { projector: await randomProjector('mlp') },
});
afterAll(() => model.dispose());

test('images that nobody waits for any more are not read', async () => {
	const stop = new AbortController();
	const content = [bmp(1), Buffer.from('no image')].map((image) => ({ type: 'image', image }) as const);
	const reading = imagesByPart(model, [{ role: 'user', content }], stop.signal);
	// The first one is being read.
	stop.abort(new Error('enough'));
	await expect(reading).rejects.toThrow('enough');
	await expect(
		imagesByPart(model, [{ role: 'user', content }], new AbortController().signal),
	).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
});

test.each(['data:image/png;base64,%E0%zz', 'data:image/png;base64,%ff', 'data:,abc', 'data:;base64,ä'])(
	'%s is no image',
	async (url) => {
		await expect(model.readImage(url)).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
	},
);
