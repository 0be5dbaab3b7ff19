// What a draft model adds to copies: plain decoding, copies alone, the draft model alone, one or the other a pass (as
// llama.cpp mixes them), and one tree of both, on the same conversations, which are held out from the training of
// the embedded models. All say the same texts. scripts/train/deepen.py makes a model of any depth that says what a
// trained one says, for pairs of any ratio of costs. With --server, llama.cpp's own server answers the same, too.
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Command } from 'commander';
import { addon, type NativeGenerateOptions, type NativeModel, type NativeSession } from '../lib/addon.js';
import { CompletionClient } from '../lib/bench/arms/completion-client.js';
import { freePort, ServerProcess } from '../lib/bench/arms/server-process.js';
import { awaitNative, callNative } from '../lib/errors.js';
import { readGenerateOptions } from '../lib/generate-options.js';
import { type GenerateOptions, loadModel, type Model } from '../lib/index.js';
import { readLoadOptions } from '../lib/load-options.js';
import { type Metrics, toMetrics } from '../lib/metrics.js';
import { readSessionOptions } from '../lib/session-options.js';
import type { Chat, Task } from '../scripts/train/data/chat.js';
import { endlessChats } from '../scripts/train/data/mix.js';
import { median, printTable } from './summary.js';
import { oneOfEach, positive, runCommand } from './support.js';

const contextLength = 2048;
const maxTokens = 256;

interface Way {
	readonly name: string;
	readonly draft: 'auto' | 'off';
	readonly mix: NativeGenerateOptions['mix'];
}

const ways = [
	{ name: 'plain', draft: 'off', mix: 'copies' },
	{ name: 'copies', draft: 'auto', mix: 'copies' },
	{ name: 'draft model', draft: 'auto', mix: 'model' },
	{ name: 'alternatives', draft: 'auto', mix: 'alternatives' },
	{ name: 'one tree', draft: 'auto', mix: 'tree' },
] as const satisfies readonly Way[];

const workloads: Readonly<Record<string, { tasks: readonly Task[]; options: GenerateOptions }>> = {
	edits: { tasks: ['text', 'code', 'json'], options: {} },
	problems: { tasks: ['solve'], options: {} },
	prose: { tasks: ['paragraph'], options: { temperature: 0.8 } },
};

/**
 * How llama.cpp's server drafts; FILE stands for the draft model and TYPE for what it is. Its numbers were the best of
 * some.
 */
const serverWays = [
	{ name: 'llama-server', flags: '' },
	{
		name: 'llama-server, draft model',
		flags: '-md FILE --spec-type TYPE --spec-draft-n-max 16 --spec-draft-p-min 0.75',
	},
	{
		name: 'llama-server, mixed',
		flags: '-md FILE --spec-type ngram-map-k,TYPE --spec-draft-n-max 16 --spec-draft-p-min 0.75',
	},
] as const;

interface Options {
	readonly server?: string;
	readonly model: string;
	readonly draftModel: string;
	readonly chats: number;
	readonly runs: number;
	readonly threads: number;
	readonly workloads: string[];
}

/** The model once for each way, for what sessions learn stays with their model. */
class Models {
	private constructor(
		readonly facts: Model,
		readonly natives: readonly NativeModel[],
		readonly servers: readonly Server[],
		readonly threads: number,
	) {}

	static async load({ model, draftModel, threads, server }: Options): Promise<Models> {
		const options = readLoadOptions({}).native;
		const load = (path: string, draft: NativeModel | null) =>
			awaitNative(() => addon.loadModel(path, { ...options, draftModel: draft }, null).promise);
		const smaller = await load(draftModel, null);
		const { architecture } = callNative(() => smaller.info());
		const type =
			architecture === 'eagle3' || architecture === 'dflash' ? `draft-${architecture}` : 'draft-simple';
		const natives = await Promise.all(ways.map(() => load(model, smaller)));
		callNative(() => smaller.dispose());
		const facts = await loadModel(model);
		const started = server === undefined ? [] : serverWays;
		const servers = await Promise.all(
			started.map(({ flags }) => {
				const given = flags.replace('FILE', draftModel).replace('TYPE', type);
				return Server.start(join(server ?? '', 'llama-server'), model, given, threads);
			}),
		);
		return new Models(facts, natives, servers, threads);
	}

	async session(way: number): Promise<NativeSession> {
		const { native } = readSessionOptions({ contextLength, threads: this.threads }, this.facts.info);
		return awaitNative(() => (this.natives[way] as NativeModel).createSession(native).promise);
	}

	async dispose(): Promise<void> {
		for (const native of this.natives) callNative(() => native.dispose());
		for (const server of this.servers) await server.stop();
		await this.facts.dispose();
	}
}

type Measured = Pick<
	Metrics,
	'passTokens' | 'decodeMs' | 'passes' | 'drafted' | 'draftModelPasses' | 'draftModelMs'
>;

/** What each way took for one turn, and then each server. */
type Turn = readonly Measured[];

/** What a server does not tell. */
const untold = {
	...{ passes: Number.NaN, drafted: Number.NaN },
	...{ draftModelPasses: Number.NaN, draftModelMs: Number.NaN },
};

/** llama.cpp's server. What it accepts of drafts may go on beyond the end of an answer. */
class Server {
	private constructor(
		readonly process: ServerProcess,
		readonly client: CompletionClient,
	) {}

	static async start(program: string, model: string, flags: string, threads: number) {
		const port = await freePort();
		const given = flags.split(' ').filter(Boolean);
		const args = [
			...['-m', model, '--host', '127.0.0.1', '--port', String(port), '-c', String(contextLength)],
			...['-np', '1', '-t', String(threads), '-tb', String(threads), '--no-warmup', '--no-ui', '--offline'],
			...given,
		];
		const process = new ServerProcess(program, args, new AbortController().signal, () => {});
		const client = new CompletionClient(port);
		while (!(await client.isReady())) {
			if (process.fault) throw process.fault;
			await setTimeout(20);
		}
		return new Server(process, client);
	}

	/** It draws by another random source than ours, so it says the same only where nothing is drawn. */
	async say(prompt: Int32Array): Promise<Measured> {
		const asked = { prompt: [...prompt], tokens: maxTokens, recorded: null };
		const { completion } = await this.client.complete(asked);
		const { outputTokens, decodeMs } = completion;
		return { ...untold, passTokens: outputTokens - 1, decodeMs };
	}

	async stop(): Promise<void> {
		this.client.close();
		await this.process.stop();
	}
}

/** Lets every way say a conversation, in turn, so that whatever slows the machine slows all alike. */
async function say(chat: Chat, options: GenerateOptions, number: number, models: Models): Promise<Turn[]> {
	const sessions = await Promise.all(ways.map((_, way) => models.session(way)));
	const turns: Turn[] = [];
	let context = '';
	try {
		for (const [turn, { text }] of chat.turns.filter(({ role }) => role === 'user').entries()) {
			context += `<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n`;
			const tokens = models.facts.tokenize(context, { addSpecial: true, parseSpecial: true });
			const said: Array<{ text: string; metrics: Metrics } | undefined> = ways.map(() => undefined);
			for (let i = 0; i < ways.length; i++) {
				const way = (i + number + turn) % ways.length;
				const { draft, mix } = ways[way] as Way;
				const given = readGenerateOptions({ ...options, maxTokens, seed: number, draft }, models.facts);
				let reply = '';
				const { metrics } = await awaitNative(() =>
					(sessions[way] as NativeSession).generate(
						{ ...given.native, tokens, ...(mix && { mix }) },
						({ segments }) => {
							for (const segment of segments) reply += segment.text;
						},
						null,
						{ aborted: false },
					),
				);
				said[way] = { text: reply, metrics: toMetrics(metrics) };
			}
			const whole = said.flatMap((one) => one ?? []);
			// A near-tie may fork; what follows it is another conversation.
			if (new Set(whole.map(({ text: reply }) => reply)).size > 1) return turns;
			const served: Measured[] = [];
			if (!options.temperature) for (const server of models.servers) served.push(await server.say(tokens));
			turns.push([...whole.map(({ metrics }) => metrics), ...served]);
			context += `${whole[0]?.text}<|im_end|>\n`;
		}
		return turns;
	} finally {
		for (const session of sessions) callNative(() => session.dispose());
	}
}

const sum = (all: readonly Measured[], of: (one: Measured) => number) =>
	all.reduce((total, one) => total + of(one), 0);

/** What a server does not tell is left out. */
const shown = (value: number, digits: number) => (Number.isNaN(value) ? '' : value.toFixed(digits));

async function compare(options: Options): Promise<void> {
	const rows: string[][] = [];
	for (const name of options.workloads) {
		const { tasks, options: sampling } = workloads[name] as (typeof workloads)[string];
		const models = await Models.load(options);
		// By turn, then run, then way.
		const measured: Measured[][][][] = [];
		const names = [...ways, ...(options.server === undefined || sampling.temperature ? [] : serverWays)];
		let forks = 0;
		for (let run = 0; run < options.runs; run++) {
			const sources = tasks.map((task) => endlessChats(1000 + run, 'test', task));
			for (let i = 0; i < options.chats; i++) {
				const chat = sources[i % sources.length]?.next().value as Chat;
				const turns = await say(chat, sampling, run * options.chats + i, models);
				forks += turns.length < chat.turns.length / 2 ? 1 : 0;
				for (const [turn, metrics] of turns.entries()) {
					measured[turn] ??= Array.from({ length: options.runs }, () => names.map(() => []));
					for (const [way, one] of metrics.entries()) measured[turn][run]?.[way]?.push(one);
				}
			}
		}
		await models.dispose();
		console.log(`${name}: ${forks} conversations ended at a near-tie`);
		for (const [turn, runs] of measured.entries()) {
			const speedOf = (metrics: readonly Measured[]) =>
				(1000 * sum(metrics, (m) => m.passTokens)) / sum(metrics, (m) => m.decodeMs);
			// Longer conversations are rare: some runs may have none.
			const some = runs.filter((run) => (run[0] ?? []).length > 0);
			const speeds = (way: number) => some.map((run) => speedOf(run[way] ?? []));
			const against = (way: number, other: number) =>
				median(speeds(way).map((speed, run) => speed / (speeds(other)[run] ?? Number.NaN))).toFixed(2);
			for (const [way, { name: drafts }] of names.entries()) {
				const metrics = runs.flatMap((run) => run[way] ?? []);
				const passes = sum(metrics, (m) => m.passes);
				rows.push([
					name,
					`${turn + 1}`,
					drafts,
					`${metrics.length}`,
					shown(sum(metrics, (m) => m.passTokens) / passes, 2),
					median(speeds(way)).toFixed(0),
					against(way, 0),
					against(way, 2),
					shown(sum(metrics, (m) => m.drafted) / passes, 1),
					shown(sum(metrics, (m) => m.draftModelPasses) / passes, 2),
					shown((100 * sum(metrics, (m) => m.draftModelMs)) / sum(metrics, (m) => m.decodeMs), 0),
				]);
			}
		}
	}
	printTable(
		[
			...['text', 'turn', 'drafts', 'replies', 'tokens/pass', 'tokens/s', '× plain', '× draft model'],
			...['drafted/pass', 'asked/pass', '% of time asking'],
		],
		rows,
	);
}

await runCommand(
	new Command('draft-model')
		.description('What a draft model adds to copies, in real decoding.')
		.requiredOption('--model <gguf>', 'the model')
		.requiredOption('--draft-model <gguf>', 'the smaller model, or an EAGLE-3 or DFlash head')
		.option('--server <dir>', 'the folder of a llama-server, such as the one that bench/peers/get.ts builds')
		.option('--chats <n>', 'conversations in a run', positive, 12)
		.option('--runs <n>', 'runs', positive, 5)
		.option('--threads <n>', 'CPU threads', positive, 1)
		.option(
			'--workloads <name,…>',
			Object.keys(workloads).join(', '),
			oneOfEach(Object.keys(workloads)),
			Object.keys(workloads),
		)
		.action(compare),
);
