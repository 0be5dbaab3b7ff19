import type { Context } from 'hono';
import type { Wish } from '../../conversations/conversations.js';
import type { Chunk, GenerationResult } from '../../generation.js';
import type { TokenInput } from '../../tokens.js';
import { type CompletionRequest, readCompletionRequest } from '../completion-request.js';
import { eventStream } from '../event-stream.js';
import { completionLogprobs } from '../logprobs.js';
import { finishReasonOf, type Part, Replies } from '../replies.js';
import { begin, type Call, newId, requireServed, type Service } from '../service.js';
import { usageOf } from '../usage.js';

/** `POST /v1/completions`: what comes after a text, or between two. */
export async function completions(service: Service, context: Context, call: Call): Promise<Response> {
	const request = readCompletionRequest(await context.req.json());
	requireServed(service, request.model, request.count);
	const { options, count, stream } = request;
	const { model } = service;
	const shared = {
		id: newId('cmpl-'),
		object: 'text_completion',
		created: call.created,
		model: service.name,
	};
	const prompts = await Promise.all(request.prompts.map((prompt) => promptOf(service, prompt, request)));

	const wishFor = (text: TokenInput): Wish => ({
		prompt: { kind: 'text', text },
		count,
		maxTokens: options.maxTokens,
	});
	/** Replies to one prompt after the other. */
	const each = async (
		take: (part: Part<Chunk>, start: string) => Promise<void>,
		done: (results: Numbered[]) => Promise<void>,
	) => {
		const costs = [];
		const metrics = [];
		for (const [place, prompt] of prompts.entries()) {
			const lease = place === 0 ? first : await begin(service, wishFor(prompt), call.signal);
			const replies = await Replies.start(
				lease,
				options,
				call.signal,
				(chat, own) => chat.session.generate(prompt, own),
				({ text, tokens }) => ({ text, tokens: tokens.length }),
			);
			const start = request.echo ? textOf(prompt) : '';
			const index = (reply: number) => place * count + reply;
			const results = await replies.read((part) => take({ ...part, index: index(part.index) }, start));
			for (const result of results) service.metrics.countReply(result.metrics);
			costs.push(lease.prompt);
			metrics.push(...results.map((result) => result.metrics));
			await done(results.map((result, reply) => ({ index: index(reply), result, start })));
		}
		return usageOf(costs, metrics);
	};
	const textOf = (prompt: TokenInput) =>
		typeof prompt === 'string' ? prompt : model.detokenize(prompt, { renderSpecial: true });
	// What is wrong with the first prompt is told before a stream begins.
	const first = await begin(service, wishFor(prompts[0] as TokenInput), call.signal);

	if (!stream) {
		const all: Numbered[] = [];
		const usage = await each(
			async () => {},
			async (results) => {
				all.push(...results);
			},
		);
		return context.json({
			...shared,
			choices: all.map(({ index, result, start }) => ({
				index,
				text: start + result.text,
				logprobs: options.logprobs === undefined ? null : completionLogprobs(result.logprobs, start.length),
				finish_reason: finishReasonOf(result.finishReason),
			})),
			usage,
		});
	}
	const event = (choices: object[]) => ({ ...shared, choices, ...(request.includeUsage && { usage: null }) });
	return eventStream(
		context,
		async (send) => {
			const said = new Map<number, number>();
			const usage = await each(
				async ({ index, chunk }, start) => {
					const offset = said.get(index);
					const text = (offset === undefined ? start : '') + chunk.text;
					const from = offset ?? start.length;
					said.set(index, from + chunk.text.length);
					const logprobs = options.logprobs === undefined ? null : completionLogprobs(chunk.logprobs, from);
					if (text !== '' || chunk.logprobs.length > 0)
						await send(event([{ index, text, logprobs, finish_reason: null }]));
				},
				async (results) => {
					for (const { index, result } of results)
						await send(
							event([
								{ index, text: '', logprobs: null, finish_reason: finishReasonOf(result.finishReason) },
							]),
						);
				},
			);
			if (request.includeUsage) await send({ ...event([]), usage });
		},
		call,
	);
}

interface Numbered {
	readonly index: number;
	readonly result: GenerationResult;
	/** What the text begins with. */
	readonly start: string;
}

async function promptOf(
	{ model }: Service,
	prompt: TokenInput,
	{ suffix }: CompletionRequest,
): Promise<TokenInput> {
	if (suffix === undefined) return prompt;
	return model.fillInTheMiddle(typeof prompt === 'string' ? prompt : model.detokenize(prompt), suffix);
}
