import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { RepriseError } from '../../errors.js';

/** One program and its limits, as the child is told. */
export interface SandboxRequest {
	code: string;
	tests?: string;
	timeoutMs: number;
	memoryBytes: number;
	outputLimit: number;
}

/** What the child says of a run; `undefined` where it died of it. */
export interface SandboxReply {
	printed: string;
	warned: string;
	stopped?: 'time' | 'memory' | 'output' | 'stack' | 'crash';
	error?: { text: string; line?: number; isTested: boolean };
	/** The name of the error that keeps the tests from being compiled. */
	unreadable?: string;
}

/** Bundled, this file lies in dist/ or dist/cli/, and the child's always in dist/. */
function childFile(): string {
	const beside = fileURLToPath(new URL('./sandbox-child.js', import.meta.url));
	return existsSync(beside) ? beside : fileURLToPath(new URL('../sandbox-child.js', import.meta.url));
}

const require = createRequire(import.meta.url);
const core = require.resolve('quickjs-emscripten-core');
const variant = require.resolve('@jitl/quickjs-wasmfile-release-sync');
const wasm = require.resolve('@jitl/quickjs-wasmfile-release-sync/wasm');
const types = createRequire(core).resolve('@jitl/quickjs-ffi-types');

/**
 * Node's options for the child: little memory, no writing, no processes, no threads, and no files to read but its
 * own and QuickJS's. A Node whose permission model knows the network bars that as well.
 */
export function childOptions(): string[] {
	const permission = ['--permission', '--experimental-permission'].find((flag) =>
		process.allowedNodeEnvironmentFlags.has(flag),
	);
	const folders = [dirname(childFile()), ...[core, variant, types].map((entry) => dirname(dirname(entry)))];
	return [
		'--no-warnings',
		'--preserve-symlinks',
		'--preserve-symlinks-main',
		'--max-old-space-size=128',
		...(process.platform === 'win32' ? [] : ['--stack-size=3900']),
		...(permission ? [permission, ...folders.map((folder) => `--allow-fs-read=${folder}/*`)] : []),
	];
}

function childArguments(): string[] {
	const modules = [core, variant].map((entry) => pathToFileURL(entry).href);
	return [...childOptions(), childFile(), ...modules, wasm];
}

/**
 * Ends the whole group when the parent does, by whatever signal: then its end of the pipe on standard input
 * closes. A child that computes could not see it by itself.
 */
const endWithParent = 'exec 4<&0; (read -r _ <&4; kill -KILL 0) 3>&- & exec 4<&- </dev/null; exec "$@"';

function startChild(): ChildProcess {
	const env = process.versions.electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' };
	const args = childArguments();
	// On Windows, children that are not detached end with their parent.
	if (process.platform === 'win32' || !existsSync('/bin/sh'))
		return spawn(process.execPath, args, {
			env,
			stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
			windowsHide: true,
		});
	return spawn('/bin/sh', ['-c', endWithParent, 'sh', process.execPath, ...args], {
		env,
		stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
		detached: true,
	});
}

/** A child process that runs programs one at a time, until it is ended or dies. */
export class SandboxProcess {
	/** Settles once the child takes programs; rejects with `VERIFIER_FAILED`. */
	readonly ready: Promise<void>;
	/** Settles when the child is gone. */
	readonly gone: Promise<void>;
	alive = true;
	readonly #child: ChildProcess;
	#settle: (reply: SandboxReply | undefined) => void = () => {};

	constructor() {
		const child = startChild();
		this.#child = child;
		this.gone = new Promise((resolve) => {
			const end = () => {
				this.end();
				this.#settle(undefined);
				resolve();
			};
			child.once('exit', end).once('error', end);
		});
		this.ready = new Promise((resolve, reject) => {
			child.once('message', () => {
				child.on('message', (reply) => this.#settle(reply as SandboxReply));
				this.#keepAlive(false);
				resolve();
			});
			child.once('error', (error) => reject(cannotStart(error.message)));
			child.once('exit', (code, signal) => reject(cannotStart(`it ended with ${signal ?? code}`)));
		});
		this.ready.catch(() => {});
	}

	/** Runs a program; `undefined` where the child died of it or was ended. */
	async run(request: SandboxRequest): Promise<SandboxReply | undefined> {
		await this.ready;
		if (!this.alive) return undefined;
		this.#keepAlive(true);
		const reply = await new Promise<SandboxReply | undefined>((resolve) => {
			this.#settle = resolve;
			this.#child.send(request, (error) => error && this.end());
		});
		this.#settle = () => {};
		this.#keepAlive(false);
		return reply;
	}

	/** Kills the child and, on Unix, what keeps watch over it. */
	end(): void {
		if (!this.alive) return;
		this.alive = false;
		this.#keepAlive(true);
		const { pid } = this.#child;
		if (pid === undefined) return;
		try {
			process.kill(this.#child.spawnfile === '/bin/sh' ? -pid : pid, 'SIGKILL');
		} catch {
			// Gone already.
		}
	}

	/** Whether the child keeps this process running. */
	#keepAlive(on: boolean): void {
		const handles = [
			this.#child,
			this.#child.channel,
			this.#child.stdin as unknown as NodeJS.RefCounted | null,
		];
		for (const handle of handles) on ? handle?.ref?.() : handle?.unref?.();
	}
}

function cannotStart(reason: string): RepriseError {
	return new RepriseError(
		'VERIFIER_FAILED',
		`The process that runs JavaScript could not be started (${reason}); are quickjs-emscripten-core and @jitl/quickjs-wasmfile-release-sync installed?`,
	);
}
