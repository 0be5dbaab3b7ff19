// Binaries against one another on this processor, in turn: the prompt, tokens one by one, and passes of 16 rows. One
// thread, and the processor's time counts. `--peer` is a folder in which node-llama-cpp is installed.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { median, printTable } from './summary.js';
import { addModelOption, modelPath, positive, runCommand } from './support.js';

const promptTokens = 512;
const decodedTokens = 32;
const passes = 4;
const rows = 16;

/** Tokens a second of the processor's time. */
interface Figures {
	prompt: number;
	decoding: number;
	passOf16: number;
}
const kinds = ['prompt', 'decoding', 'passOf16'] as const;

const tokens = (count: number, seed: number) =>
	Array.from({ length: count }, (_, i) => 1000 + ((i * 7919 + seed) % 90_000));

async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
	const before = process.cpuUsage();
	await work();
	const { user, system } = process.cpuUsage(before);
	return (count * 1e6) / (user + system);
}

/** Answers each line on standard input with figures, in the process of one binary. */
async function serve(measure: (seed: number) => Promise<Figures>): Promise<void> {
	console.log('ready');
	for await (const line of createInterface(process.stdin))
		console.log(JSON.stringify(await measure(Number(line))));
}

async function serveReprise(path: string): Promise<void> {
	const { loadModel } = await import('../lib/index.js');
	const model = await loadModel(path);
	const session = await model.createSession({ contextLength: 1024, threads: 1 });
	await serve(async (seed) => ({
		prompt: await rate(promptTokens, () => session.prefill(tokens(promptTokens, seed))),
		decoding: await rate(decodedTokens, () => {
			const logitBias = Object.fromEntries([...model.info.endTokens].map((token) => [token, -Infinity]));
			return session.generate(null, { maxTokens: decodedTokens, draft: 'off', logitBias }).result;
		}),
		passOf16: await rate(passes * rows, async () => {
			for (let pass = 0; pass < passes; ++pass) await session.append(tokens(rows, seed + pass));
		}),
	}));
}

/** What is used of node-llama-cpp, which is no dependency of the project. */
interface Peer {
	getLlama(options: object): Promise<{ loadModel(options: object): Promise<PeerModel> }>;
}
interface PeerModel {
	createContext(options: object): Promise<{ getSequence(): PeerSequence }>;
}
interface PeerSequence {
	clearHistory(): Promise<void>;
	evaluateWithoutGeneratingNewTokens(tokens: number[]): Promise<void>;
	evaluate(tokens: number[], options: object): AsyncGenerator<number>;
}

async function servePeer(folder: string, model: string): Promise<void> {
	const entry = createRequire(join(resolve(folder), 'package.json')).resolve('node-llama-cpp');
	const { getLlama } = (await import(pathToFileURL(entry).href)) as Peer;
	const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error' });
	const context = await (await llama.loadModel({ modelPath: model })).createContext({
		...{ contextSize: 1024, threads: 1, batchSize: 512, flashAttention: true },
	});
	const sequence = context.getSequence();
	await serve(async (seed) => {
		await sequence.clearHistory();
		return {
			prompt: await rate(promptTokens, () =>
				sequence.evaluateWithoutGeneratingNewTokens(tokens(promptTokens, seed)),
			),
			decoding: await rate(decodedTokens, async () => {
				let left = decodedTokens;
				for await (const _ of sequence.evaluate(tokens(1, seed), { temperature: 0, yieldEogToken: true }))
					if (--left === 0) break;
			}),
			passOf16: await rate(passes * rows, async () => {
				for (let pass = 0; pass < passes; ++pass)
					await sequence.evaluateWithoutGeneratingNewTokens(tokens(rows, seed + pass));
			}),
		};
	});
}

interface Arm {
	name: string;
	ask(seed: number): Promise<Figures>;
	end(): void;
}

async function start(name: string, args: string[], env: NodeJS.ProcessEnv): Promise<Arm> {
	const script = fileURLToPath(import.meta.url);
	const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
		env: { ...process.env, ...env },
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
	const line = async () => {
		const { value, done } = await lines.next();
		if (done) throw new Error(`${name} ended with ${child.exitCode}`);
		return value;
	};
	while ((await line()) !== 'ready');
	return {
		name,
		ask: async (seed) => {
			child.stdin.write(`${seed}\n`);
			return JSON.parse(await line()) as Figures;
		},
		end: () => child.stdin.end(),
	};
}

interface Options {
	model?: string;
	binary: string[];
	peer?: string;
	rounds: number;
	serve?: string;
}

const collect = (value: string, others: string[]) => [...others, value];

/** A binary's figures by those of the first in the same round. */
function ratios(
	results: Map<string, Figures[]>,
	name: string,
	base: string,
	kind: (typeof kinds)[number],
): number[] {
	const others = results.get(base) ?? [];
	return (results.get(name) ?? []).map((figures, i) => figures[kind] / (others[i]?.[kind] ?? Number.NaN));
}

await runCommand(
	addModelOption(
		new Command('cpu-variants')
			.description('binaries on this processor: prompt, tokens one by one, passes of 16 rows')
			.option(
				'--binary <name=file[:variant]>',
				'a binary, and the variant of it; may be given again',
				collect,
				[],
			)
			.option('--peer <folder>', 'a folder in which node-llama-cpp is installed')
			.option('--rounds <count>', 'rounds, in which all take turns', positive, 9)
			.option('--serve <arm>', 'for the benchmark itself'),
	).action(async (options: Options) => {
		const model = await modelPath(options);
		if (options.serve) {
			await (options.serve === 'reprise' ? serveReprise(model) : servePeer(options.serve, model));
			process.exit();
		}
		const arms: Arm[] = [];
		for (const binary of options.binary) {
			const [, name = '', file = '', variant = ''] = /^([^=]+)=([^:]+):?(.*)$/.exec(binary) ?? [];
			const env = { REPRISE_ADDON: resolve(file), REPRISE_CPU_VARIANT: variant };
			arms.push(await start(name, ['--serve', 'reprise', '--model', model], env));
		}
		if (options.peer)
			arms.push(await start('node-llama-cpp', ['--serve', options.peer, '--model', model], {}));
		const load = loadavg()[0] ?? 0;
		const results = new Map(arms.map(({ name }) => [name, [] as Figures[]]));
		for (let round = -1; round < options.rounds; ++round)
			for (const arm of arms) {
				const figures = await arm.ask(round + 1);
				if (round >= 0) results.get(arm.name)?.push(figures); // the first round warms up
			}
		for (const arm of arms) arm.end();
		console.log(
			`load ${load.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after; ${options.rounds} rounds`,
		);
		const of = (name: string, kind: (typeof kinds)[number]) =>
			median((results.get(name) ?? []).map((figures) => figures[kind]));
		const [base] = arms;
		printTable(
			['binary', ...kinds.map((kind) => `${kind} t/s`), ...kinds.map((kind) => `${kind} ratio`)],
			arms.map(({ name }) => [
				name,
				...kinds.map((kind) => of(name, kind).toFixed(1)),
				...kinds.map((kind) => (base ? median(ratios(results, name, base.name, kind)) : 1).toFixed(3)),
			]),
		);
	}),
);
