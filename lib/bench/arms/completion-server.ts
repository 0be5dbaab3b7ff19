import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Arm, ArmOptions, ArmRun, RunningArm } from '../arm.js';
import { unknownVersion } from '../results.js';
import type { Task } from '../task.js';
import { type Completion, requirePossible } from './completion.js';
import { CompletionClient } from './completion-client.js';
import { freePort, ServerProcess } from './server-process.js';

/** So often a server that says nothing is asked whether it is ready. */
const pollMs = 10;
/** So long a program may take to say its version. */
const patienceMs = 5_000;

export interface CompletionServerSettings {
	readonly name: string;
	/** The path of the program. */
	readonly program: string;
	/** Flags beside those that all servers of `/completion` have. */
	readonly flags: readonly string[];
	/** Whether the answer has `draft_n` whenever something was drafted. */
	readonly countsDrafts: boolean;
	/** Whether it drafts well from its first prompt alone, so that each run needs a new process. */
	readonly newForEachRun: boolean;
	refusal(options: ArmOptions): string | null;
}

/** An arm that is a server of `/completion`: llama-server, or one that takes its flags and answers as it does. */
export class CompletionServerArm implements Arm {
	readonly #settings: CompletionServerSettings;

	constructor(settings: CompletionServerSettings) {
		this.#settings = settings;
	}

	get name(): string {
		return this.#settings.name;
	}

	refusal(options: ArmOptions): string | null {
		return this.#settings.refusal(options);
	}

	async start(options: ArmOptions): Promise<RunningArm> {
		return RunningServer.start(this.#settings, options);
	}
}

/** A server that is ready. */
interface Ready {
	readonly process: ServerProcess;
	readonly client: CompletionClient;
}

class RunningServer implements RunningArm {
	readonly startMs: number;
	readonly version: string;
	readonly settings: string;
	readonly cpuVariant = null;
	readonly #settings: CompletionServerSettings;
	readonly #options: ArmOptions;
	readonly #flags: readonly string[];
	#ready: Ready;
	#runs = 0;

	private constructor(
		settings: CompletionServerSettings,
		options: ArmOptions,
		flags: readonly string[],
		started: { ready: Ready; startMs: number },
	) {
		this.#settings = settings;
		this.#options = options;
		this.#flags = flags;
		this.#ready = started.ready;
		this.startMs = started.startMs;
		this.version = versionOf(settings.program);
		this.settings = flags.join(' ');
	}

	static async start(settings: CompletionServerSettings, options: ArmOptions): Promise<RunningServer> {
		const flags = [
			...['-c', String(options.contextLength), '-np', '1'],
			...['-t', String(options.threads), '-tb', String(options.threads)],
			...beyondTraining(options),
			...settings.flags,
		];
		const ready = await launch(settings.program, options, flags);
		try {
			await sayFirst(ready, options, 1);
			const startMs = performance.now() - ready.process.began;
			if (options.choices === 'recorded') await expectRecordedChoices(ready, options);
			return new RunningServer(settings, options, flags, { ready, startMs });
		} catch (error) {
			await end(ready);
			throw ready.process.fault ?? error;
		}
	}

	get pid(): number {
		return this.#ready.process.pid;
	}

	async prepare(): Promise<void> {
		if (!this.#settings.newForEachRun || this.#runs === 0) return;
		await end(this.#ready);
		this.#ready = await launch(this.#settings.program, this.#options, this.#flags);
		this.#runs = 0;
		// The first pass of a process takes longer than those of one that has decoded before.
		await sayFirst(this.#ready, this.#options, 2);
	}

	async run({ prompt, answer }: Task): Promise<ArmRun> {
		const { process, client } = this.#ready;
		++this.#runs;
		try {
			const tokens = answer?.length ?? this.#options.tokens;
			const recorded = answer && [...answer];
			const { completion, totalMs } = await client.complete({ prompt: [...prompt], tokens, recorded });
			requirePossible(completion, { tokens, totalMs });
			if (completion.promptTokens !== prompt.length)
				throw new Error(`The server read ${completion.promptTokens} tokens of a prompt of ${prompt.length}`);
			const output = Int32Array.from(await outputOf(client, completion));
			if (answer && !isSame(output, answer)) throw new Error(notRecorded);
			return { sample: this.#sample(completion, prompt.length, totalMs), output };
		} catch (error) {
			throw process.fault ?? error;
		}
	}

	async stop(): Promise<void> {
		await end(this.#ready);
	}

	#sample({ outputTokens, decodeMs, ...counted }: Completion, promptTokens: number, totalMs: number) {
		const none = this.#settings.countsDrafts ? 0 : null;
		const [drafted, accepted] = [counted.drafted ?? none, counted.accepted ?? none];
		return {
			...{ promptTokens, outputTokens, decodeMs, totalMs },
			// What the server counts, and the way there and back.
			firstTokenMs: totalMs - decodeMs,
			// The prompt's pass has the first token, and each other pass one more than was accepted in it.
			passes: accepted === null ? null : Math.max(0, outputTokens - 1 - accepted),
			...{ drafted, accepted, parts: null, passesByRows: null },
		};
	}
}

/** A slot has no more room than the model was trained for, whatever the context has. */
function beyondTraining({ trainedLengthKey, contextLength }: ArmOptions): string[] {
	return trainedLengthKey ? ['--override-kv', `${trainedLengthKey}=int:${contextLength}`] : [];
}

/** Resolves when the server takes requests. */
async function launch(program: string, options: ArmOptions, flags: readonly string[]): Promise<Ready> {
	const port = await freePort();
	let heard = () => {};
	const place = ['--host', '127.0.0.1', '--port', String(port)];
	const process = new ServerProcess(program, ['-m', options.model, ...place, ...flags], options.signal, () =>
		heard(),
	);
	const client = new CompletionClient(port);
	for (;;) {
		// What it says is mostly about what has just been done, such as loading: so little time is lost by waiting.
		const said = new Promise<void>((resolve) => {
			heard = resolve;
		});
		if (await client.isReady()) return { process, client };
		if (process.fault) {
			await end({ process, client });
			throw process.fault;
		}
		await Promise.race([said, sleep(pollMs), process.ended]);
	}
}

async function end({ process, client }: Ready): Promise<void> {
	client.close();
	await process.stop();
}

async function sayFirst({ client }: Ready, { firstPrompt }: ArmOptions, tokens: number): Promise<void> {
	await client.complete({ prompt: [...firstPrompt], tokens, recorded: null });
}

const notRecorded =
	'The server chose tokens by itself: recorded answers need the llama-server that bench/peers/get.ts builds';

/** A server that knows nothing of them would only be found out by the first run. */
async function expectRecordedChoices({ client }: Ready, { firstPrompt }: ArmOptions): Promise<void> {
	const recorded = [...firstPrompt.slice(0, 2)].reverse();
	const asked = { prompt: [...firstPrompt], tokens: recorded.length, recorded };
	const { completion } = await client.complete(asked);
	if (!isSame(completion.tokens, recorded)) throw new Error(notRecorded);
}

/** Servers that do not tell their tokens are asked which ones make the text. */
async function outputOf(client: CompletionClient, completion: Completion): Promise<readonly number[]> {
	return completion.tokens.length > 0 ? completion.tokens : client.tokenize(completion.content);
}

const isSame = (one: ArrayLike<number>, other: ArrayLike<number>) =>
	one.length === other.length && Array.from(one).every((token, i) => token === other[i]);

/** Its first line, such as `version: 0 (de3ff815ea7d)`. */
function versionOf(program: string): string {
	const { stdout, stderr } = spawnSync(program, ['--version'], {
		...{ encoding: 'utf8', windowsHide: true },
		...{ timeout: patienceMs, killSignal: 'SIGKILL' },
	});
	const said = `${stdout ?? ''}\n${stderr ?? ''}`;
	return /^version: (.+)$/m.exec(said)?.[1]?.trim() ?? unknownVersion;
}
