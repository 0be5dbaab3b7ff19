import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadModel, type Model } from '../../lib/index.js';
import type { Server, ServerOptions } from '../../lib/serve/server.js';
import { Choices } from '../support/choices.js';
import { formModel } from '../support/models.js';
import { anyPrompt } from '../support/prompts.js';
import { metric, modelName, openAi, withServer } from './support/server.js';

let model: Model;
beforeAll(async () => {
	model = await loadModel(formModel);
});
afterAll(() => model.dispose());

const on = <T>(options: Partial<ServerOptions>, use: (server: Server) => Promise<T>) =>
	withServer(model, options, use);

const choices = new Choices(1, 'long');
const long = (tokens: number): string => {
	let text = '';
	while (model.tokenize(text).length < tokens) text += `${anyPrompt(choices)}\n`;
	return text;
};
const roomy = { session: { threads: 1, contextLength: 16_384 } };
const asked = { model: modelName, temperature: 0, max_tokens: 30 };

test('the second turn of a conversation of 4,000 tokens computes what is new alone', async () => {
	await on(roomy, async (server) => {
		const client = openAi(server);
		const messages: Array<{ role: 'user' | 'assistant'; content: string }> = [
			{ role: 'user', content: `${long(4000)}\nTell me about the harbor.` },
		];
		const first = await client.chat.completions.create({ ...asked, messages });
		expect(first.usage?.prompt_tokens).toBeGreaterThan(4000);
		messages.push({ role: 'assistant', content: first.choices[0]?.message.content ?? '' });
		messages.push({ role: 'user', content: 'And about the park?' });
		const { usage } = await client.chat.completions.create({ ...asked, messages });
		const cached = usage?.prompt_tokens_details?.cached_tokens ?? 0;
		const prompt = usage?.prompt_tokens ?? 0;
		expect(prompt).toBeGreaterThan(4000);
		expect((prompt - cached) / prompt).toBeLessThan(0.05);
		expect(await metric(server, 'reprise_prompt_tokens_cached_total')).toBeGreaterThan(3800);
	});
});

test('conversations take turns without losing what they have said', async () => {
	await on(roomy, async (server) => {
		const client = openAi(server);
		const talks = [1, 2, 3].map((one) => [
			{ role: 'user' as 'user' | 'assistant', content: `${long(300)} ${one}` },
		]);
		for (let turn = 0; turn < 3; turn++)
			for (const messages of talks) {
				const { choices, usage } = await client.chat.completions.create({ ...asked, messages });
				const cached = usage?.prompt_tokens_details?.cached_tokens ?? 0;
				if (turn > 0) expect((usage?.prompt_tokens ?? 0) - cached).toBeLessThan(40);
				messages.push({ role: 'assistant', content: choices[0]?.message.content ?? '' });
				messages.push({ role: 'user', content: `Go on ${turn}.` });
			}
	});
});

test('many replies to one prompt at a time compute it once', async () => {
	await on(roomy, async (server) => {
		const client = openAi(server);
		const messages = [{ role: 'user' as const, content: long(1000) }];
		const replies = await Promise.all(
			[1, 2, 3, 4].map((seed) =>
				client.chat.completions.create({ ...asked, messages, temperature: 1, seed }),
			),
		);
		const prompts = replies.map(({ usage }) => usage?.prompt_tokens ?? 0);
		const computed =
			(await metric(server, 'reprise_prompt_tokens_total')) -
			(await metric(server, 'reprise_prompt_tokens_cached_total'));
		expect(computed).toBeLessThan((prompts[0] ?? 0) + 10);
	});
});

test('a conversation gives way where the context has no room for another, and one that never fits is refused', async () => {
	await on({ session: { threads: 1, contextLength: 1024 }, keep: 8 }, async (server) => {
		const client = openAi(server);
		for (let one = 0; one < 6; one++) {
			const messages = [{ role: 'user' as const, content: `${one} ${long(500)}` }];
			const { choices } = await client.chat.completions.create({ ...asked, messages });
			expect(choices[0]?.message.content).toBeTypeOf('string');
		}
		const tooLong = { ...asked, messages: [{ role: 'user' as const, content: long(2000) }] };
		await expect(client.chat.completions.create(tooLong)).rejects.toMatchObject({
			status: 400,
			code: 'context_length_exceeded',
		});
		const short = await client.chat.completions.create({
			...asked,
			messages: [{ role: 'user', content: 'Hello' }],
		});
		expect(short.choices).toHaveLength(1);
	});
});

test('replies that have no room beside each other wait for it, and come whole', async () => {
	await on({ session: { threads: 1, contextLength: 700 }, parallel: 4 }, async (server) => {
		const client = openAi(server);
		const contents = Array.from(
			{ length: 12 },
			(_, one) =>
				`Copy this text:\nTom has ${one} boxes. ${'Tom keeps the coins in a green bag. '.repeat(8)}`,
		);
		const replies = await Promise.all(
			contents.map(async (content) => {
				const messages = [{ role: 'user' as const, content }];
				return (await client.chat.completions.create({ ...asked, max_tokens: 200, messages })).choices[0];
			}),
		);
		for (const [one, reply] of replies.entries()) {
			const content = contents[one] as string;
			await using session = await model.createSession({ threads: 1, contextLength: 700 });
			const alone = await session.chat().reply([{ role: 'user', content }], { maxTokens: 200 }).result;
			expect(alone.finishReason).toBe('end');
			expect(reply?.finish_reason).toBe('stop');
			if (alone.metrics.nearTies === 0) expect(reply?.message.content).toBe(alone.text);
		}
	});
});

test('what a reply shares with its prompt is not given up for another one', async () => {
	await on({ session: { threads: 1, contextLength: 1024 }, parallel: 8 }, async (server) => {
		const logit_bias = Object.fromEntries(model.info.endTokens.map((token) => [token, -100]));
		const prompt = (tokens: number, seed: number) =>
			Array.from({ length: tokens }, (_, index) => 300 + ((index * 7 + seed * 13) % 200));
		const replies = [
			[400, 300],
			[100, 500],
			[402, 300],
			[102, 500],
			[50, 400],
			[60, 400],
		] as const;
		const client = openAi(server);
		const reasons = await Promise.all(
			replies.map(async ([tokens, max_tokens], seed) => {
				const body = { model: modelName, prompt: prompt(tokens, seed), max_tokens, logit_bias, seed };
				return (await client.completions.create(body)).usage?.completion_tokens;
			}),
		);
		expect(reasons).toEqual(replies.map(([, most]) => most));
	});
});

test('a prompt that was given up leaves no room taken', async () => {
	await on({ session: { threads: 1, contextLength: 8192 } }, async (server) => {
		const logit_bias = Object.fromEntries(model.info.endTokens.map((token) => [token, -100]));
		const prompt = Array.from({ length: 7000 }, (_, index) => 300 + ((index * 7) % 200));
		const client = openAi(server);
		await client.completions.create({ model: modelName, prompt: prompt.slice(0, 20), max_tokens: 1 });
		const gone = new AbortController();
		const given = client.completions.create(
			{ model: modelName, prompt, max_tokens: 1 },
			{ signal: gone.signal },
		);
		setTimeout(() => gone.abort(), 300);
		await given.catch(() => {});
		const last = { model: modelName, prompt: prompt.slice(100, 150), max_tokens: 6000, logit_bias };
		expect((await client.completions.create(last)).usage?.completion_tokens).toBe(6000);
	});
});

test('the texts are those of the library, whatever was said before and beside them', async () => {
	await on(roomy, async (server) => {
		const client = openAi(server);
		const questions = Array.from(
			{ length: 12 },
			(_, one) => `${one % 3 === 0 ? 'Copy this text:\n' : ''}${anyPrompt(choices)}`,
		);
		const said = await Promise.all(
			questions.map(async (content) => {
				const { choices } = await client.chat.completions.create({
					...asked,
					messages: [{ role: 'user', content }],
				});
				return choices[0]?.message.content;
			}),
		);
		let compared = 0;
		for (const [index, content] of questions.entries()) {
			await using session = await model.createSession({ threads: 1, contextLength: 4096 });
			const { text, metrics } = await session.chat().reply([{ role: 'user', content }], { maxTokens: 30 })
				.result;
			// Passes of other sizes may tip a near-tie.
			if (metrics.nearTies > 0) continue;
			expect(said[index]).toBe(text);
			compared++;
		}
		expect(compared).toBeGreaterThan(6);
	});
});
