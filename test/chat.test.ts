import { afterAll, describe, expect, test } from 'vitest';
import { type Chat, loadModel, type Session } from '../lib/index.js';
import { problem } from './support/chatml.js';
import { endless } from './support/endless.js';
import { embeddedModel, randomModel } from './support/models.js';

const model = await loadModel(embeddedModel);
afterAll(() => model.dispose());
const openSession = () => model.createSession({ contextLength: 1024, threads: 1 });

const first = 'Copy this text:\nMara found a red box near the market. Tom asked Lena about the coins.';
const second = 'Write it again, but use Ivo instead of Mara.';

async function say(chat: Chat, content: string): Promise<string> {
	return chat.send(content).text();
}

/** The whole context as the model saw it. */
async function transcript(session: Session): Promise<string> {
	return model.detokenize(await session.history(), { renderSpecial: true });
}

describe('send', () => {
	test('generates by the model’s own template and adds the reply to the messages', async () => {
		await using session = await openSession();
		const chat = session.chat();
		const reply = await say(chat, first);
		expect(await transcript(session)).toBe(
			`<|im_start|>user\n${first}<|im_end|>\n<|im_start|>assistant\n${reply}<|im_end|>`,
		);
		expect(chat.messages).toEqual([
			{ role: 'user', content: first },
			{ role: 'assistant', content: reply },
		]);
	});

	test('reuses the whole conversation so far', async () => {
		await using session = await openSession();
		const chat = session.chat();
		await say(chat, first);
		const before = await session.history();
		const { metrics } = await chat.send(second).result;
		expect(metrics.reusedTokens).toBeGreaterThanOrEqual(before.length - 1);
		expect([...(await session.history()).slice(0, before.length)]).toEqual([...before]);
	});

	test('reuses replies that were said in other tokens than the tokenizer’s', async () => {
		await using session = await openSession();
		const chat = session.chat();
		const { text, tokens } = await chat.send(first, { temperature: 5, seed: 3, maxTokens: 60 }).result;
		const said = tokens.filter((token) => !model.info.endTokens.includes(token));
		expect([...said]).not.toEqual([...model.tokenize(text)]);
		const before = await session.history();
		const { metrics } = await chat.send(second).result;
		expect(metrics.reusedTokens).toBeGreaterThanOrEqual(before.length - 1);
	});

	test('drafts from the conversation', async () => {
		await using session = await openSession();
		const chat = session.chat();
		await say(chat, first);
		const { metrics } = await chat.send(second, { draft: { size: 8 } }).result;
		expect(metrics.accepted).toBeGreaterThan(metrics.outputTokens / 2);
	});

	test('streams the reply, which is in the messages when the loop ends', async () => {
		await using session = await openSession();
		const chat = session.chat();
		let text = '';
		for await (const chunk of chat.send(first)) text += chunk.text;
		expect(chat.messages.at(-1)).toEqual({ role: 'assistant', content: text });
	});

	test('keeps an aborted reply as far as it got', async () => {
		await using session = await openSession();
		const chat = session.chat();
		const { renderSpecial: _, ...options } = endless(model);
		const generation = chat.send(first, options);
		for await (const { text } of generation) if (text !== '') break;
		const { text, finishReason } = await generation.result;
		expect(finishReason).toBe('aborted');
		expect(chat.messages.at(-1)).toEqual({ role: 'assistant', content: text });
		await say(chat, second);
		expect(await transcript(session)).toContain(`${text}<|im_end|>\n<|im_start|>user\n${second}`);
	});

	test('that fails leaves the conversation as it was', async () => {
		await using session = await openSession();
		const chat = session.chat();
		await say(chat, first);
		const before = chat.messages;
		await expect(chat.send('x'.repeat(5000)).result).rejects.toMatchObject({ code: 'CONTEXT_OVERFLOW' });
		expect(chat.messages).toBe(before);

		await using undisturbed = await openSession();
		const other = undisturbed.chat({ messages: before });
		expect(await say(chat, second)).toBe(await say(other, second));
	});

	test('while a reply is under way is an error, and that reply goes on unharmed', async () => {
		await using session = await openSession();
		const chat = session.chat();
		const generation = chat.send(first);
		expect(() => chat.send(second)).toThrow(expect.objectContaining({ code: 'SESSION_BUSY' }));
		const text = await generation.text();
		expect(chat.messages).toEqual([
			{ role: 'user', content: first },
			{ role: 'assistant', content: text },
		]);
	});
});

describe('edit', () => {
	test('replaces an earlier message, drops what came after, and reuses what came before', async () => {
		await using session = await openSession();
		const chat = session.chat();
		const copy = await say(chat, first);
		const kept = (await session.history()).length;
		await say(chat, second);
		const { text, metrics } = await chat.edit(2, 'Write it again in lower case.').result;
		expect(text).toBe(copy.toLowerCase());
		expect(chat.messages.map(({ content }) => content)).toEqual([
			first,
			copy,
			'Write it again in lower case.',
			text,
		]);
		expect(metrics.reusedTokens).toBeGreaterThanOrEqual(kept - 1);
	});

	test('of the first message keeps the system message', async () => {
		await using session = await openSession();
		const chat = session.chat({ system: 'Be brief.' });
		await say(chat, first);
		await chat.edit(1, second).result;
		expect(chat.messages.slice(0, 2)).toEqual([
			{ role: 'system', content: 'Be brief.' },
			{ role: 'user', content: second },
		]);
	});

	test.each([
		[1, 'the index of a user message for index but received 1, which is "assistant"'],
		[2, 'an integer in 0…1 for index but received 2'],
		[-1, 'an integer in 0…1 for index but received -1'],
	])('of message %i of two is an error', async (index, message) => {
		await using session = await openSession();
		const chat = session.chat();
		await say(chat, first);
		expect(() => chat.edit(index, second)).toThrow(
			expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(message) }),
		);
	});
});

describe('retry', () => {
	test('says the last reply again in place of it, and computes no prompt', async () => {
		await using session = await openSession();
		const chat = session.chat();
		const reply = await say(chat, first);
		const { text, metrics } = await chat.retry().result;
		expect(text).toBe(reply);
		expect(chat.messages).toHaveLength(2);
		expect(metrics.reusedTokens).toBe(metrics.promptTokens - 1);
	});

	test('takes other options', async () => {
		await using session = await openSession();
		const chat = session.chat();
		const reply = await say(chat, first);
		const other = await chat.retry({ temperature: 3, seed: 1 }).text();
		expect(other).not.toBe(reply);
		expect(chat.messages.at(-1)?.content).toBe(other);
	});

	test('before any message is an error', async () => {
		await using session = await openSession();
		expect(() => session.chat().retry()).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
	});
});

describe('reply', () => {
	const asked = { role: 'user', content: first } as const;

	test('answers a conversation given whole, and reuses what the last one shares with it', async () => {
		await using session = await openSession();
		const chat = session.chat();
		const copy = await say(chat, first);
		await say(chat, second);
		const answered = { role: 'assistant', content: copy } as const;
		const lower = { role: 'user', content: 'Write it again in lower case.' } as const;
		const { text, metrics } = await chat.reply([asked, answered, lower]).result;
		expect(text).toBe(copy.toLowerCase());
		expect(chat.messages).toEqual([asked, answered, lower, { role: 'assistant', content: text }]);
		expect(metrics.promptTokens - metrics.reusedTokens).toBeLessThan(30);
	});

	test('goes on from a reply’s beginning', async () => {
		await using session = await openSession();
		const chat = session.chat();
		const copy = await say(chat, first);
		const begun = copy.slice(0, 20);
		const { text } = await chat.reply([asked, { role: 'assistant', content: begun }]).result;
		expect(begun + text).toBe(copy);
		expect(chat.messages).toEqual([asked, { role: 'assistant', content: copy }]);
	});
});

describe('prefill', () => {
	test('computes what the reply starts from', async () => {
		await using session = await openSession();
		const chat = session.chat();
		const asked = { role: 'user', content: first } as const;
		const { promptTokens, reusedTokens } = await chat.prefill([asked]);
		expect(reusedTokens).toBe(0);
		const { metrics } = await chat.reply([asked]).result;
		expect([metrics.promptTokens, metrics.reusedTokens]).toEqual([promptTokens, promptTokens - 1]);
	});
});

describe('fork', () => {
	test('has the conversation, with the tokens as they were said, and goes on by itself', async () => {
		await using session = await openSession();
		const chat = session.chat();
		await chat.send(first, { temperature: 5, seed: 3, maxTokens: 60 }).result;
		const { messages } = chat;
		const before = await session.history();
		const fork = await chat.fork();
		await using _ = fork.session;
		const { metrics } = await fork.send(second).result;
		expect(metrics.reusedTokens).toBeGreaterThanOrEqual(before.length - 1);
		expect(fork.messages).toHaveLength(4);
		expect(chat.messages).toBe(messages);
	});
});

describe('options', () => {
	test('system comes first in the context', async () => {
		await using session = await openSession();
		await say(session.chat({ system: 'Be brief.' }), first);
		expect(await transcript(session)).toMatch(
			/^<\|im_start\|>system\nBe brief\.<\|im_end\|>\n<\|im_start\|>user/,
		);
	});

	test('messages begin a conversation in the middle', async () => {
		await using session = await openSession();
		const chat = session.chat();
		const copy = await say(chat, first);
		const text = await say(chat, second);
		await using fresh = await openSession();
		const resumed = fresh.chat({
			messages: [
				{ role: 'user', content: first },
				{ role: 'assistant', content: copy },
			],
		});
		expect(await say(resumed, second)).toBe(text);
	});

	test('template takes the place of the model’s', async () => {
		await using session = await openSession();
		await session.chat({ template: '{{ messages[0].content }}>>' }).send('Hello', { maxTokens: 1 }).result;
		expect(await transcript(session)).toMatch(/^Hello>>/);
	});

	test('templateVariables reach the template', async () => {
		await using session = await openSession();
		const chat = session.chat({ template: '{{ greeting }}', templateVariables: { greeting: 'Good day' } });
		await chat.send('Hello', { maxTokens: 1 }).result;
		expect(await transcript(session)).toMatch(/^Good day/);
	});

	test.each([
		[{ system: 3 }, 'Expected a string for system but received 3'],
		[{ messages: 'none' }, 'Expected an array of messages for messages'],
		[{ messages: [{ role: 'critic', content: '' }] }, "'assistant', 'tool' for messages[0].role"],
		[{ messages: [{ role: 'tool', content: '' }] }, 'Expected a string for toolCallId'],
		[{ messages: [{ role: 'user' }] }, 'Expected a string for content but received undefined'],
		[{ messages: [{ role: 'system', content: 'a' }], system: 'b' }, 'Expected no system message'],
		[{ sytem: 'Be brief.' }, 'did you mean system?'],
	])('%j is an error', async (options, message) => {
		await using session = await openSession();
		expect(() => session.chat(options as object)).toThrow(
			expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(message) }),
		);
	});

	test('renderSpecial is no option of a reply', async () => {
		await using session = await openSession();
		expect(() => session.chat().send(problem, { renderSpecial: true } as object)).toThrow(
			expect.objectContaining({ code: 'OPTION_INVALID' }),
		);
	});

	test('a template that cannot be parsed is an error', async () => {
		await using session = await openSession();
		expect(() => session.chat({ template: '{% if %}' })).toThrow(
			expect.objectContaining({ code: 'TEMPLATE_INVALID' }),
		);
	});

	test('a model without a template needs one', async () => {
		await using plain = await loadModel(await randomModel('tiny-llama'));
		await using session = await plain.createSession({ contextLength: 64, threads: 1 });
		expect(() => session.chat()).toThrow(expect.objectContaining({ code: 'TEMPLATE_MISSING' }));
		expect(session.chat({ template: '{{ messages[0].content }}' }).messages).toEqual([]);
	});
});
