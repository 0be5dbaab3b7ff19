import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ChatMessage, ChatTemplate } from '../lib/chat-template.js';
import { llamaSourceDir } from './support/llama-source.js';

const variables = { bos_token: '<s>', eos_token: '</s>' };
const conversation: ChatMessage[] = [
	{ role: 'user', content: 'the first question' },
	{ role: 'assistant', content: 'the first answer' },
	{ role: 'user', content: 'the second question' },
];

test('a template gets the messages, the special tokens and the wish for a reply', () => {
	const template = new ChatTemplate(
		'{{ bos_token }}{% for m in messages %}[{{ m.role }}|{{ m.content }}]{% endfor %}{{ eos_token }}{% if add_generation_prompt %}>{% endif %}',
		variables,
	);
	expect(template.render(conversation)).toBe(
		'<s>[user|the first question][assistant|the first answer][user|the second question]</s>>',
	);
});

test('variables of one’s own reach the template', () => {
	const template = new ChatTemplate('{% if enable_thinking %}think{% else %}speak{% endif %}', {
		...variables,
		enable_thinking: true,
	});
	expect(template.render(conversation)).toBe('think');
});

test.each([
	['{% for m in messages %}', 'cannot be parsed'],
	['{{ messages[0].content | no_such_filter }}', 'cannot be applied'],
	["{{ raise_exception('System role not supported') }}", 'System role not supported'],
	['{# nothing #}', 'renders no text'],
])('%s is a typed error that says why', (source, reason) => {
	expect(() => new ChatTemplate(source, variables).render(conversation)).toThrow(
		expect.objectContaining({ code: 'TEMPLATE_INVALID', message: expect.stringContaining(reason) }),
	);
});

describe('templates of released models', () => {
	const folder = join(llamaSourceDir(), 'models', 'templates');
	const names = ['Qwen-Qwen2.5-7B-Instruct', 'meta-llama-Llama-3.2-3B-Instruct', 'google-gemma-2-2b-it'];
	names.push('microsoft-Phi-3.5-mini-instruct', 'Qwen-Qwen3-0.6B', 'mistralai-Mistral-Nemo-Instruct-2407');

	test.each(names)('%s renders a conversation in order', (name) => {
		const rendered = new ChatTemplate(readFileSync(join(folder, `${name}.jinja`), 'utf8'), variables).render(
			conversation,
		);
		const positions = conversation.map(({ content }) => rendered.indexOf(content));
		expect(positions).not.toContain(-1);
		expect(positions).toEqual(positions.toSorted((a, b) => a - b));
	});

	test('each renders text or fails with a typed error', () => {
		const files = readdirSync(folder).filter((file) => file.endsWith('.jinja'));
		expect(files.length).toBeGreaterThan(30);
		const failures = files.flatMap((file) => {
			try {
				new ChatTemplate(readFileSync(join(folder, file), 'utf8'), variables).render(conversation);
				return [];
			} catch (error) {
				return [error];
			}
		});
		for (const error of failures) expect(error).toMatchObject({ code: 'TEMPLATE_INVALID' });
		expect(failures.length).toBeLessThan(files.length / 4);
	});
});
