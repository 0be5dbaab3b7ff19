import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RepriseError } from '../../errors.js';
import { ownFile } from '../../own-file.js';
import { ProcessGroup } from '../verifiers/support/process-group.js';

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

const childFile = () => ownFile('sandbox-child.js', import.meta.url);

const require = createRequire(import.meta.url);

/** The entry files of QuickJS's packages. */
function quickjsFiles(): { core: string; variant: string; wasm: string; types: string } {
	const core = require.resolve('quickjs-emscripten-core');
	return {
		core,
		variant: require.resolve('@jitl/quickjs-wasmfile-release-sync'),
		wasm: require.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'),
		types: createRequire(core).resolve('@jitl/quickjs-ffi-types'),
	};
}

/** The `node_modules` folder that a file's package lies in. */
function modulesOf(file: string): string {
	const name = `${sep}node_modules${sep}`;
	return file.slice(0, file.lastIndexOf(name) + name.length);
}

/**
 * Node's options for the child: little memory, no writing, no processes, no threads, and no files to read but
 * its own and QuickJS's. A Node whose permission model knows the network bars that as well.
 */
export function childOptions(): string[] {
	const permission = ['--permission', '--experimental-permission'].find((flag) =>
		process.allowedNodeEnvironmentFlags.has(flag),
	);
	const { core, variant, types } = quickjsFiles();
	const packages = [core, variant, types].map((entry) => dirname(dirname(entry)));
	// Where packages are linked, as pnpm does it, the child finds the types by the link beside each of the others.
	const linked = [core, variant].map((entry) => join(modulesOf(entry), '@jitl', 'quickjs-ffi-types'));
	const folders = new Set([dirname(childFile()), ...packages, ...linked]);
	return [
		'--no-warnings',
		'--preserve-symlinks',
		'--preserve-symlinks-main',
		'--max-old-space-size=128',
		...(process.platform === 'win32' ? [] : ['--stack-size=3900']),
		...(permission ? [permission, ...[...folders].map((folder) => `--allow-fs-read=${folder}/*`)] : []),
	];
}

function childArguments(): string[] {
	const { core, variant, wasm } = quickjsFiles();
	const modules = [core, variant].map((entry) => pathToFileURL(entry).href);
	return [...childOptions(), childFile(), ...modules, wasm];
}

function startChild(): ProcessGroup {
	try {
		return new ProcessGroup(process.execPath, childArguments(), {
			env: process.versions.electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' },
			stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
		});
	} catch (error) {
		throw cannotStart((error as Error).message);
	}
}

/** A child process that runs programs one at a time, until it is ended or dies. */
export class SandboxProcess {
	/** Settles once the child takes programs; rejects with `VERIFIER_FAILED`. */
	readonly ready: Promise<void>;
	/** Settles when the child is gone. */
	readonly gone: Promise<void>;
	alive = true;
	readonly #group: ProcessGroup;
	#settle: (reply: SandboxReply | undefined) => void = () => {};

	/**
	 * Throws `VERIFIER_FAILED` where Node throws why no process can be started; `ready` rejects with the other
	 * reasons.
	 */
	constructor() {
		this.#group = startChild();
		const child = this.#group.process;
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
				child.on('message', (reply) =>
					this.#settle(Object(reply) === reply ? (reply as SandboxReply) : undefined),
				);
				this.#group.keepAlive(false);
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
		this.#group.keepAlive(true);
		const reply = await new Promise<SandboxReply | undefined>((resolve) => {
			this.#settle = resolve;
			this.#group.process.send(request, (error) => error && this.end());
		});
		this.#settle = () => {};
		this.#group.keepAlive(false);
		return reply;
	}

	/** Kills the child. */
	end(): void {
		if (!this.alive) return;
		this.alive = false;
		this.#group.keepAlive(true);
		this.#group.kill();
	}
}

function cannotStart(reason: string): RepriseError {
	// The system's own reasons have codes such as EMFILE.
	const hint = /\bE[A-Z0-9]+\b/.test(reason)
		? 'close files or end processes, or raise what the system allows of them'
		: 'are quickjs-emscripten-core and @jitl/quickjs-wasmfile-release-sync installed?';
	return new RepriseError(
		'VERIFIER_FAILED',
		`The process that runs JavaScript could not be started (${reason}); ${hint}`,
	);
}
