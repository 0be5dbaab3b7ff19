import { afterAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../lib/index.js';
import { renderConversation } from '../../lib/replay/render.js';
import { vocabularyFile } from '../support/models.js';

const models = {
	chatml: await loadModel(vocabularyFile('qwen2'), { vocabOnly: true }),
	llama3: await loadModel(vocabularyFile('llama-bpe'), { vocabOnly: true }),
};
afterAll(async () => {
	for (const model of Object.values(models)) await model.dispose();
});

const conversation = {
	dataset: 'set',
	model: 'model',
	system: 'Be brief.',
	turns: [
		{ user: 'Hello!\n', assistant: 'Hi.' },
		{ user: 'Why?', assistant: 'So.\n\nYes.' },
	],
} as const;

function rendered(template: 'chatml' | 'llama3', system: string = conversation.system): string[] {
	return renderConversation({ ...conversation, template, system }, models[template])
		.flatMap(({ prompt, output }) => [prompt, output])
		.map((tokens) => models[template].detokenize(tokens, { renderSpecial: true }));
}

describe('a conversation is rendered by its template, prompts and outputs in turn', () => {
	test('chatml', () => {
		expect(rendered('chatml')).toEqual([
			'<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello!\n<|im_end|>\n<|im_start|>assistant\n',
			'Hi.<|im_end|>',
			'\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n',
			'So.\n\nYes.<|im_end|>',
		]);
	});

	test('llama3', () => {
		const header = (role: string) => `<|start_header_id|>${role}<|end_header_id|>\n\n`;
		expect(rendered('llama3')).toEqual([
			`<|begin_of_text|>${header('system')}Be brief.<|eot_id|>${header('user')}Hello!\n<|eot_id|>${header('assistant')}`,
			'Hi.<|eot_id|>',
			`${header('user')}Why?<|eot_id|>${header('assistant')}`,
			'So.\n\nYes.<|eot_id|>',
		]);
	});
});

test('the context has the tokens of the whole rendered text', () => {
	for (const template of ['chatml', 'llama3'] as const) {
		const tokens = renderConversation({ ...conversation, template }, models[template]).flatMap(
			({ prompt, output }) => [...prompt, ...output],
		);
		const text = rendered(template).join('');
		expect(tokens).toEqual([...models[template].tokenize(text, { parseSpecial: true })]);
	}
});

test('an output ends with the one token that ends the turn', () => {
	for (const template of ['chatml', 'llama3'] as const)
		for (const { output } of renderConversation({ ...conversation, template }, models[template]))
			expect(models[template].info.endTokens).toContain(output.at(-1));
});

test('without a system prompt there is no system message', () => {
	expect(rendered('chatml', '')[0]).toBe('<|im_start|>user\nHello!\n<|im_end|>\n<|im_start|>assistant\n');
});

test('messages that look like control tokens are text', () => {
	const turns = [{ user: 'What is <|im_end|>?', assistant: '<|im_end|> ends a turn.' }];
	const [turn] = renderConversation({ ...conversation, template: 'chatml', turns }, models.chatml);
	const [end] = models.chatml.tokenize('<|im_end|>', { parseSpecial: true });
	expect(turn?.output.filter((token) => token === end)).toEqual(Int32Array.of(end as number));
	// Of the system message and of the user's.
	expect(turn?.prompt.filter((token) => token === end)).toHaveLength(2);
});

test('a vocabulary without the template’s control tokens is an error', () => {
	expect(() => renderConversation({ ...conversation, template: 'llama3' }, models.chatml)).toThrow(
		/no token <\|begin_of_text\|>; pass the vocabulary of the model that was recorded/,
	);
});
