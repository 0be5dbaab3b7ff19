import { accessSync, constants, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve, sep } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { onAbort } from '../../abort.js';
import { RepriseError } from '../../errors.js';
import {
	boolean,
	type Check,
	diskPath,
	filePath,
	integer,
	invalid,
	oneOf,
	optional,
	readOptions,
	text,
	withDefault,
} from '../../options.js';
import type { Verdict, Verifier } from '../verifier.js';
import { codeOf } from './support/fenced.js';
import { wellFormedText } from './support/message.js';
import { ProcessGroup } from './support/process-group.js';
import { fillCmdLine, fillShellLine, placeholder } from './support/shell-line.js';

/** How a command is run on an answer. */
export interface CommandOptions {
	/**
	 * The arguments. `{file}` or `{file.lean}` in one of them stands for a temporary file that holds the
	 * answer, with that extension; where there is none, the answer comes on standard input. Default: none.
	 */
	arguments?: readonly string[];
	/**
	 * What the command gets: `code` is the last fenced block of the answer, or all of it where it has none;
	 * `answer` is all of it. Default: code.
	 */
	input?: 'code' | 'answer';
	/** The labels of blocks that are code, such as `['lean', 'lean4']`. Default: any. */
	languages?: readonly string[];
	/**
	 * The milliseconds until the command is killed, with all that it has started; the answer has failed then.
	 * It should be less than `verifierTimeoutMs` of `correct`, after which there is no verdict. Default:
	 * 20,000.
	 */
	timeoutMs?: number;
	/** How many characters of its output are kept, from the end. Default: 2000. */
	outputLimit?: number;
	/** The folder that it runs in. Default: that of this process. */
	cwd?: string;
	/** Its whole environment. Default: that of this process. */
	env?: NodeJS.ProcessEnv;
	/**
	 * Whether the shell runs it; it takes no `arguments` then, and `{file}` stands in the command itself.
	 * Default: false.
	 */
	shell?: boolean;
}

const strings: Check<readonly string[]> = (value, name) => {
	if (Array.isArray(value)) return value.map((item, i) => text(item, `${name}[${i}]`));
	throw invalid('an array of strings', name, value);
};
const environment: Check<NodeJS.ProcessEnv> = (value, name) => {
	if (typeof value === 'object' && value !== null) return value as NodeJS.ProcessEnv;
	throw invalid('an object of strings', name, value);
};

/**
 * Makes a verifier that runs a command on the answer: tests, a compiler, a proof checker. Exit code 0 passes;
 * the message is the end of what the command wrote. It runs with the rights of this process: only its time
 * and its output are limited. Throws `OPTION_INVALID`; the verifier rejects with `ABORTED` where its signal
 * ends it, and with `VERIFIER_FAILED` where the command cannot be run.
 *
 * @param file - The program, or the line for the shell.
 * @param options - How it is run.
 */
export function command(file: string, options?: CommandOptions): Verifier {
	const given = readOptions(
		{
			arguments: withDefault(strings, []),
			input: withDefault(oneOf('code', 'answer'), 'code'),
			languages: optional(strings),
			timeoutMs: withDefault(integer(1, 86_400_000), 20_000),
			outputLimit: withDefault(integer(1, 2 ** 24), 2000),
			cwd: optional(diskPath),
			env: withDefault(environment, process.env),
			shell: withDefault(boolean, false),
		},
		options,
		'command',
	);
	const { shell } = given;
	filePath(file, 'command');
	if (shell && given.arguments.length > 0)
		throw new RepriseError(
			'OPTION_INVALID',
			'A command that the shell runs takes no arguments: write them into it',
		);
	const line = [file, ...given.arguments];
	const extension = line.flatMap((part) => [...part.matchAll(placeholder)])[0]?.[1];
	const takesFile = extension !== undefined || line.some((part) => part.includes('{file}'));

	return async (answer, { signal }) => {
		const input = given.input === 'answer' ? answer : codeOf(answer, given.languages);
		if (input === undefined)
			return { outcome: 'fail', message: `There is no ${given.languages?.[0] ?? 'code'} in the answer.` };
		if (!takesFile) return run(shell ? shellLine(file) : line, input, given, signal);
		const folder = await temporary(() => mkdtemp(join(resolve(tmpdir()), 'reprise-')));
		try {
			const path = join(folder, `answer${extension ?? ''}`);
			await temporary(() => writeFile(path, input));
			const filled = shell
				? shellLine(isWindows ? fillCmdLine(file, path) : fillShellLine(file, path))
				: line.map((part) => part.replace(placeholder, () => path));
			const verdict = await run(filled, '', given, signal);
			// The model knows nothing of this folder.
			const { message } = verdict;
			return message === undefined ? verdict : { ...verdict, message: message.replaceAll(folder + sep, '') };
		} finally {
			// It is tried again where files are still in use, or no file can be opened at the moment.
			await temporary(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
		}
	};
}

const isWindows = process.platform === 'win32';

/** Does work on the temporary folder; a failure there says nothing about the answer. */
async function temporary<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		throw new RepriseError(
			'VERIFIER_FAILED',
			`The answer cannot be put into a file for the command (${(error as Error).message}); see to the folder for temporary files, ${tmpdir()}`,
			{ cause: error },
		);
	}
}

/** cmd.exe takes the line as it is between the outer quotes. */
function shellLine(line: string): string[] {
	return isWindows
		? [process.env.ComSpec ?? 'cmd.exe', '/d', '/s', '/c', `"${line}"`]
		: ['/bin/sh', '-c', line];
}

type Given = Required<Pick<CommandOptions, 'timeoutMs' | 'outputLimit' | 'env' | 'shell'>> & {
	cwd: string | undefined;
};

async function run(
	[file = '', ...args]: readonly string[],
	input: string,
	given: Given,
	signal: AbortSignal,
): Promise<Verdict> {
	if (signal.aborted) throw aborted(signal);
	const { env, cwd, shell } = given;
	let group: ProcessGroup | undefined;
	const unsubscribe = onAbort(signal, () => group?.kill());
	try {
		requireCommand(file, cwd, env);
		group = start(file, args, {
			env,
			...(cwd !== undefined && { cwd }),
			stdio: ['pipe', 'pipe', 'pipe', 'ignore'],
			// Node's way of quoting is not that of cmd.exe.
			windowsVerbatimArguments: isWindows && shell,
		});
		return await verdictOf(group, input, given, signal);
	} finally {
		unsubscribe();
	}
}

async function verdictOf(
	group: ProcessGroup,
	input: string,
	{ timeoutMs, outputLimit }: Given,
	signal: AbortSignal,
): Promise<Verdict> {
	const child = group.process;
	const output = new Tail(outputLimit);
	for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => output.add(bytes));
	child.stdin?.end(input);

	let isLate = false;
	const late = setTimeout(() => {
		isLate = true;
		group.kill();
	}, timeoutMs);
	try {
		const end = await ended(group);
		if (signal.aborted) throw aborted(signal);
		if (isLate) return failed(`The check was stopped after ${timeoutMs / 1000} seconds.`, output.text());
		if (end === 0)
			return output.text() === '' ? { outcome: 'pass' } : { outcome: 'pass', message: output.text() };
		if (typeof end === 'string') return failed(`The check was ended by ${end}.`, output.text());
		return output.text() === ''
			? failed(`The check failed with exit code ${end}.`)
			: { outcome: 'fail', message: output.text() };
	} finally {
		clearTimeout(late);
	}
}

/** Node throws some of the reasons for which a process cannot be started, and emits the others. */
function start(...group: ConstructorParameters<typeof ProcessGroup>): ProcessGroup {
	try {
		return new ProcessGroup(...group);
	} catch (error) {
		throw cannotRun(group[0], (error as Error).message);
	}
}

/**
 * The last output has this many milliseconds to come after the command has ended and its group was killed.
 */
const lastOutputMs = 500;

/** The exit code or the signal's name, once all output has been read. */
function ended({ process: child }: ProcessGroup): Promise<number | string> {
	return new Promise((resolve, reject) => {
		child.once('error', (error) => reject(cannotRun(child.spawnfile, error.message)));
		child.once('exit', () => {
			// A process that left the group may hold the pipes open for ever.
			const close = () => [child.stdout, child.stderr].forEach((stream) => void stream?.destroy());
			const timer = setTimeout(close, lastOutputMs);
			child.once('close', () => clearTimeout(timer));
		});
		child.once('close', (code, signal) => resolve(signal ?? code ?? 'a signal'));
	});
}

/** The last characters of a stream of any length. */
class Tail {
	#bytes = Buffer.alloc(0);
	readonly #limit: number;

	constructor(limit: number) {
		this.#limit = limit;
	}

	add(bytes: Buffer): void {
		// UTF-8 takes at most four bytes a character, and a cut one is dropped.
		this.#bytes = Buffer.from(Buffer.concat([this.#bytes, bytes]).subarray(-4 * (this.#limit + 1)));
	}

	text(): string {
		const plain = stripVTControlCharacters(this.#bytes.toString()).replace(/^\ufffd+/, '');
		return wellFormedText(plain.slice(-this.#limit)).trim();
	}
}

function failed(what: string, output = ''): Verdict {
	return { outcome: 'fail', message: output === '' ? what : `${what}\n${output}` };
}

function aborted(signal: AbortSignal): RepriseError {
	return new RepriseError('ABORTED', 'The command was stopped by its AbortSignal', { cause: signal.reason });
}

function cannotRun(file: string, reason: string): RepriseError {
	return new RepriseError(
		'VERIFIER_FAILED',
		`The command ${file} cannot be run (${reason}); install it, or pass the path of another`,
	);
}

/** The group is started by a shell, for which a missing command is one that fails. */
function requireCommand(file: string, cwd: string | undefined, env: NodeJS.ProcessEnv): void {
	if (isWindows) return;
	if (cwd !== undefined && !isThere(() => statSync(cwd).isDirectory()))
		throw cannotRun(file, `there is no folder ${cwd}`);
	const folders = file.includes('/') ? ['.'] : (env.PATH ?? '/usr/bin:/bin').split(delimiter);
	const isCommand = (path: string) =>
		isThere(() => {
			accessSync(path, constants.X_OK);
			return statSync(path).isFile();
		});
	if (folders.some((folder) => isCommand(resolve(cwd ?? '.', folder, file)))) return;
	throw cannotRun(file, 'there is no such command');
}

function isThere(look: () => boolean): boolean {
	try {
		return look();
	} catch {
		return false;
	}
}
