import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TextMessage } from '../lib/chat-message.js';
import { ChatTemplate } from '../lib/chat-template.js';
import { llamaSourceDir } from './support/llama-source.js';

const variables = { bos_token: '<s>', eos_token: '</s>' };
const conversation: TextMessage[] = [
	{ role: 'user', content: 'the first question' },
	{ role: 'assistant', content: 'the first answer' },
	{ role: 'user', content: 'the second question' },
];

test('a template gets the messages, the special tokens and the wish for a reply', async () => {
	const template = new ChatTemplate(
		'{{ bos_token }}{% for m in messages %}[{{ m.role }}|{{ m.content }}]{% endfor %}{{ eos_token }}{% if add_generation_prompt %}>{% endif %}',
		variables,
	);
	expect(await template.render(conversation)).toBe(
		'<s>[user|the first question][assistant|the first answer][user|the second question]</s>>',
	);
});

test('variables of one’s own reach the template', async () => {
	const template = new ChatTemplate('{% if enable_thinking %}think{% else %}speak{% endif %}', {
		...variables,
		enable_thinking: true,
	});
	expect(await template.render(conversation)).toBe('think');
});

test.each([
	['{% for m in messages %}', 'cannot be parsed'],
	['{{ messages[0].content | no_such_filter }}', 'cannot be applied'],
	["{{ raise_exception('System role not supported') }}", 'System role not supported'],
	['{# nothing #}', 'renders no text'],
])('%s is a typed error that says why', async (source, reason) => {
	await expect(async () => new ChatTemplate(source, variables).render(conversation)).rejects.toMatchObject({
		code: 'TEMPLATE_INVALID',
		message: expect.stringContaining(reason),
	});
});

describe('a template that takes too much is an error, and the thread of JavaScript stays free', () => {
	const nested = (open: string, close: string) => `{{ ${open.repeat(100_000)}1${close.repeat(100_000)} }}`;
	test.each([
		['a long range', '{% for i in range(100000000) %}{% endfor %}x', 'Range too big'],
		[
			'loops in loops',
			'{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}x',
			'loop without end|MB',
		],
		['a macro that calls itself', '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}', 'recursion depth'],
		[
			'two macros that call each other',
			'{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}',
			'recursion depth',
		],
		['a text repeated', "{{ 'x' * 2000000000 }}", 'MB'],
		['a list repeated', '{{ [1] * 2000000000 }}', 'MB'],
		[
			'a text doubled',
			"{% set n = namespace(t='x') %}{% for i in range(99) %}{% set n.t = n.t ~ n.t %}{% endfor %}x",
			'MB',
		],
		[
			'a list that holds itself doubled',
			'{% set n = namespace(l=[1]) %}{% for i in range(99) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l }}',
			'MB|loop without end|nested too deep',
		],
		[
			'a value nested deep',
			'{% set n = namespace(l=[]) %}{% for i in range(99999) %}{% set n.l = [n.l] %}{% endfor %}{{ n.l }}',
			'nested too deep',
		],
		...['[n.l].count', 'cycler(n.l).next', 'cycler(n.l)'].map((held): [string, string, string] => [
			`functions that hold each other: ${held}`,
			`{% set n = namespace(l=1) %}{% for i in range(99999) %}{% set n.l = ${held} %}{% endfor %}x`,
			'nested too deep',
		]),
		[
			'loops that hold each other',
			'{% set n = namespace(l=1) %}{% for i in range(99999) %}{% for j in [1] %}{% set _ = loop.changed(n.l) %}{% set n.l = loop %}{% endfor %}{% endfor %}x',
			'nested too deep',
		],
		['a wide format', "{{ '%999999999d' % 1 }}", 'too large'],
		['a wide field', "{{ '{:>999999999}'.format(1) }}", 'too large'],
		['a wide indentation', "{{ 'a\nb' | indent(2000000000) }}", 'MB'],
		['a wide centre', "{{ 'a'.center(2000000000) }}", 'MB'],
		['powers', '{{ 10 ** 100 }}', 'too large'],
		['a division by zero', '{{ 1 % 0 }}', 'zero'],
		['the least integer', '{{ (-9223372036854775807 - 1) // -1 }}', 'too large'],
		['a replacement that grows', "{{ ('a' * 99999).replace('a', 'b' * 99999) }}", 'MB'],
		['parentheses', nested('(', ')'), 'nested too deep'],
		['lists', nested('[', ']'), 'nested too deep'],
		['negations', `{{ ${'not '.repeat(100_000)}1 }}`, 'nested too deep'],
		['signs', `{{ ${'-'.repeat(100_000)}1 }}`, 'nested too deep'],
		['sums', `{{ 1${' + 1'.repeat(100_000)} }}`, 'nested too deep'],
		['attributes', `{{ a${'.b'.repeat(100_000)} }}`, 'nested too deep'],
		['filters', `{{ 1${' | string'.repeat(100_000)} }}`, 'nested too deep'],
		['conditions', `{{ 1${' if 1 else 1'.repeat(100_000)} }}`, 'nested too deep'],
		['blocks', '{% if 1 %}'.repeat(100_000), 'nested too deep'],
		['targets', `{% for ${'('.repeat(100_000)}a${')'.repeat(100_000)} in b %}`, 'nested too deep'],
	])('%s', async (_, source, reason) => {
		await expect(async () => new ChatTemplate(source, variables).render(conversation)).rejects.toMatchObject({
			code: 'TEMPLATE_INVALID',
			message: expect.stringMatching(reason),
		});
	});

	test('while other work has its turn', async () => {
		const loops = '{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}x';
		let turns = 0;
		const turning = setInterval(() => {
			turns++;
		}, 0);
		await expect(new ChatTemplate(loops, variables).render(conversation)).rejects.toThrow();
		clearInterval(turning);
		expect(turns).toBeGreaterThan(0);
	});

	test('a long conversation is within the limits', async () => {
		const long = Array.from({ length: 2000 }, (_, index) => ({
			role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
			content: `message ${index} ${'word '.repeat(200)}`,
		}));
		for (const name of ['Qwen-Qwen3-0.6B', 'meta-llama-Llama-3.2-3B-Instruct', 'openai-gpt-oss-120b']) {
			const source = readFileSync(join(llamaSourceDir(), 'models', 'templates', `${name}.jinja`), 'utf8');
			expect(await new ChatTemplate(source, variables).render(long)).toContain('message 1999');
		}
	});
});
