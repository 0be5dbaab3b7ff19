import { setTimeout as sleep } from 'node:timers/promises';
import type { Model } from '../../../lib/index.js';
import type { Server } from '../../../lib/serve/server.js';
import type { Choices } from '../../support/choices.js';
import { anyPrompt } from '../../support/prompts.js';
import { post } from './server.js';

/** What came of a crowd of requests. */
export interface CrowdOutcome {
	whole: number;
	givenUp: number;
	/** Answers with status 429. */
	refused: number;
	/** Texts that are not the library's, where no near-tie may have tipped. */
	otherTexts: string[];
	/** Answers that were none. */
	faults: string[];
	/** Texts that were compared. */
	compared: number;
	/** Mebibytes of memory that the process holds at the end. */
	residentMiB: number;
}

interface Asked {
	readonly content: string;
	readonly seed: number;
	readonly temperature: number;
	readonly fate: 'whole' | 'given up' | 'slow';
}

/**
 * Streams so many replies at once. Of ten requests three are given up at some point, and one is read slowly; the texts
 * of the others are compared with those of the library.
 */
export async function crowd(
	server: Server,
	model: Model,
	count: number,
	choices: Choices,
): Promise<CrowdOutcome> {
	const outcome: CrowdOutcome = {
		whole: 0,
		givenUp: 0,
		refused: 0,
		otherTexts: [],
		faults: [],
		compared: 0,
		residentMiB: 0,
	};
	const questions = Array.from({ length: 20 }, () => `Copy this text:\n${anyPrompt(choices)}`);
	const asked: Asked[] = Array.from({ length: count }, (_, index) => ({
		content: choices.of(questions),
		seed: choices.below(3),
		temperature: choices.of([0, 0.7]),
		fate: index % 10 < 3 ? 'given up' : index % 10 === 3 ? 'slow' : 'whole',
	}));
	const texts = await Promise.all(asked.map((one) => ask(server, one, choices.below(60), outcome)));
	const known = new Map<string, { text: string; nearTies: number }>();
	for (const [index, one] of asked.entries()) {
		const text = texts[index];
		if (text === undefined) continue;
		const key = JSON.stringify([one.content, one.seed, one.temperature]);
		const own = known.get(key) ?? (await inLibrary(model, one));
		known.set(key, own);
		if (own.nearTies > 0) continue;
		outcome.compared++;
		if (own.text !== text) outcome.otherTexts.push(`${key}: ${text}`);
	}
	outcome.residentMiB = Math.round(process.memoryUsage().rss / 2 ** 20);
	return outcome;
}

const maxTokens = 40;

/** The text, where it came whole. */
async function ask(
	server: Server,
	one: Asked,
	patienceMs: number,
	outcome: CrowdOutcome,
): Promise<string | undefined> {
	const gone = new AbortController();
	if (one.fate === 'given up') setTimeout(() => gone.abort(), patienceMs);
	const { content, seed, temperature } = one;
	const body = {
		messages: [{ role: 'user', content }],
		seed,
		temperature,
		max_tokens: maxTokens,
		stream: true,
	};
	try {
		const response = await post(server, '/v1/chat/completions', body, { signal: gone.signal });
		if (response.status === 429) {
			outcome.refused++;
			return undefined;
		}
		let streamed = '';
		for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
			streamed += part;
			if (one.fate === 'slow') await sleep(20);
		}
		const events = streamed.split('\n\n').filter((event) => event !== '');
		if (response.status !== 200 || events.pop() !== 'data: [DONE]') throw new Error(streamed.slice(0, 500));
		outcome.whole++;
		return events.map((event) => JSON.parse(event.slice(6)).choices[0]?.delta.content ?? '').join('');
	} catch (error) {
		if (gone.signal.aborted) outcome.givenUp++;
		else outcome.faults.push(String(error));
		return undefined;
	}
}

async function inLibrary(model: Model, { content, seed, temperature }: Asked) {
	await using session = await model.createSession({ contextLength: 2048, threads: 1 });
	const reply = session.chat().reply([{ role: 'user', content }], { seed, temperature, maxTokens });
	const { text, metrics } = await reply.result;
	return { text, nearTies: metrics.nearTies };
}
