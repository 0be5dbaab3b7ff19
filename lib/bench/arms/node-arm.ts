import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCodes, RepriseError, type RepriseErrorCode } from '../../errors.js';
import { ownFile } from '../../own-file.js';
import type { ArmOptions, ArmRun, RunningArm } from '../arm.js';
import type { Task } from '../task.js';
import { LastWords } from './last-words.js';
import type { Answer, ArmSettings, Request } from './serve-arm.js';

/** So long a process may take to end by itself. */
const patienceMs = 5_000;
const lastWordsMs = 50;

/** What is started, and what it is given besides the options of all arms. */
export interface NodeArmStart<Settings extends ArmSettings> {
	/** The module that calls `serveArm`, as in lib/ without its ending; in dist/ it is an entry of its own. */
	readonly file: string;
	/** That of the calling module. */
	readonly url: string;
	readonly settings: Settings;
	readonly options: ArmOptions;
}

/** An arm in a Node.js process of its own, which calls `serveArm`. */
export class NodeArm implements RunningArm {
	readonly startMs: number;
	readonly version: string;
	readonly settings: string;
	readonly cpuVariant: string | null;
	readonly #process: ArmProcess;

	private constructor(process: ArmProcess, started: Extract<Answer, { started: unknown }>['started']) {
		this.#process = process;
		this.startMs = performance.now() - process.began;
		this.version = started.version;
		this.settings = started.settings;
		this.cpuVariant = started.cpuVariant;
	}

	/** Resolves once the first token is there, as `Arm.start` says. */
	static async start<Settings extends ArmSettings>(start: NodeArmStart<Settings>): Promise<NodeArm> {
		const process = new ArmProcess(start);
		const { signal, ...options } = start.options;
		try {
			const answer = await process.ask({ start: { options, settings: start.settings } });
			if ('started' in answer) return new NodeArm(process, answer.started);
			throw new Error('The process answered something else');
		} catch (error) {
			await process.stop();
			throw error;
		}
	}

	get pid(): number {
		return this.#process.pid;
	}

	async prepare(): Promise<void> {
		await this.#process.ask({ prepare: true });
	}

	async run(task: Task): Promise<ArmRun> {
		const answer = await this.#process.ask({ run: task });
		if ('ran' in answer) return answer.ran;
		throw new Error('The process answered something else');
	}

	/** Whether the token that comes after `context` is a choice between two that are nearly as good. */
	async isNearTie(context: Int32Array): Promise<boolean> {
		const answer = await this.#process.ask({ nearTie: context });
		if ('nearTie' in answer) return answer.nearTie;
		throw new Error('The process answered something else');
	}

	async stop(): Promise<void> {
		await this.#process.stop();
	}
}

/** The process: asked one thing at a time, and told to end when this one is. */
class ArmProcess {
	/** By `performance.now()`. */
	readonly began: number;
	readonly #child: ChildProcess;
	readonly #ended: Promise<void>;
	readonly #lastWords = new LastWords();
	#waiting: { resolve(answer: Answer): void; reject(error: Error): void } | null = null;
	#fault: Error | null = null;

	constructor({ file, url, options: { signal } }: NodeArmStart<ArmSettings>) {
		const path = ownFile([`${file}.js`, `${file}.ts`], url);
		this.began = performance.now();
		this.#child = fork(path, [], {
			execArgv: path.endsWith('.ts') ? ['--import', 'tsx'] : [],
			serialization: 'advanced',
			stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
		});
		this.#lastWords.hear(this.#child.stderr);
		this.#child.on('message', (answer: Answer) => {
			const waiting = this.#waiting;
			this.#waiting = null;
			if ('failed' in answer) waiting?.reject(toError(answer.failed));
			else waiting?.resolve(answer);
		});
		const abort = () => this.#fail(new RepriseError('ABORTED', 'The benchmark was aborted'));
		this.#ended = new Promise((resolve) => {
			this.#child.on('error', (error) => {
				this.#fail(error);
				if (this.#child.pid === undefined) resolve();
			});
			// Not 'close': standard error stays open where the process has left a child.
			this.#child.on('exit', async (code, by) => {
				// Of a process that broke down, the last words may still be on their way.
				if (code !== 0) await sleep(lastWordsMs);
				this.#fail(this.#lastWords.endOf('process', code, by));
				signal.removeEventListener('abort', abort);
				resolve();
			});
		});
		signal.addEventListener('abort', abort);
		if (signal.aborted) abort();
	}

	get pid(): number {
		return this.#child.pid ?? 0;
	}

	async ask(request: Request): Promise<Answer> {
		if (this.#waiting) throw new Error('The process was asked before it had answered');
		return new Promise((resolve, reject) => {
			if (this.#fault) return reject(this.#fault);
			this.#waiting = { resolve, reject };
			this.#child.send(request, (error) => {
				if (error) this.#fail(error);
			});
		});
	}

	async stop(): Promise<void> {
		if (this.#child.connected) this.#child.disconnect();
		const late = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
		await this.#ended;
		clearTimeout(late);
	}

	#fail(error: Error): void {
		this.#fault ??= error;
		this.#waiting?.reject(this.#fault);
		this.#waiting = null;
	}
}

function toError({ code, message }: { code: string | null; message: string }): Error {
	return code !== null && code in errorCodes
		? new RepriseError(code as RepriseErrorCode, message)
		: new Error(message);
}
