import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Model } from '../../lib/model.js';
import { loadReader, noise, readers } from '../support/pictures.js';

/** SmolVLM's, in short: it goes through parts, and prints nothing of a text. */
const ofParts =
	"{% for message in messages %}{{ message['role'] }}: {% for part in message['content'] %}" +
	"{% if part['type'] == 'text' %}{{ part['text'] }}{% elif part['type'] == 'image' %}<image>{% endif %}" +
	"{% endfor %}{{ '\\n' }}{% endfor %}assistant: ";
const ofTexts =
	"{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}{{ '\\n' }}{% endfor %}assistant: ";
const options = { maxTokens: 12 };
const asked = [
	{ type: 'image', image: noise(1) },
	{ type: 'text', text: 'What is it?' },
] as const;

let model: Model;
beforeAll(async () => {
	model = await loadReader(readers[0]);
});
afterAll(() => model?.dispose());

async function answer(template: string, content: typeof asked | string): Promise<string> {
	await using session = await model.createSession({ contextLength: 512 });
	return await session.chat({ template }).send(content, options).text();
}

test('a template that goes through parts is given parts, of texts and of images', async () => {
	expect(await answer(ofParts, 'What is it?')).toBe(await answer(ofTexts, 'What is it?'));
	expect(await answer(ofParts, asked)).toBe(await answer(ofTexts, asked));
	expect(await answer(ofParts, asked)).not.toBe(await answer(ofParts, 'What is it?'));
});

test.each([
	['leaves an image out', "{% for message in messages %}{{ message['role'] }}{% endfor %}"],
	['writes it in capitals', "{% for message in messages %}{{ message['content'] | upper }}{% endfor %}"],
	['repeats it', "{% for message in messages %}{{ message['content'] ~ message['content'] }}{% endfor %}"],
])('a template that %s is refused', async (_, template) => {
	await expect(answer(template, asked)).rejects.toMatchObject({ code: 'TEMPLATE_INVALID' });
	if (!template.includes('role')) expect(await answer(template, 'What is it?')).not.toBe('');
});

test('the same image twice is printed twice', async () => {
	await using session = await model.createSession({ contextLength: 512 });
	const { metrics } = await session.chat({ template: ofTexts }).send([asked[0], asked[0], asked[1]], options)
		.result;
	expect(metrics.promptTokens).toBeGreaterThan(32);
});
