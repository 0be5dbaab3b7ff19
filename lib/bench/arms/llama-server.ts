import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RepriseError } from '../../errors.js';
import type { Arm, ArmFamily } from '../arm.js';
import { CompletionServerArm } from './completion-server.js';

/**
 * One prompt at a time, nothing kept from one to the next, and nothing done that is not asked for: no pass to warm up
 * before it is ready, no fitting to free memory, no look for updates.
 */
const fair = [
	'--no-warmup',
	'-fit',
	'off',
	'--cache-ram',
	'0',
	'--ctx-checkpoints',
	'0',
	'--no-ui',
	'--offline',
];

/** The modes of `--spec-type` that need no second model, and the flags of their numbers. */
const modes: Readonly<Record<string, readonly string[]>> = {
	'ngram-simple': ['--spec-ngram-simple-size-n', '--spec-ngram-simple-size-m'],
	'ngram-mod': ['--spec-ngram-mod-n-match', '--spec-ngram-mod-n-min', '--spec-ngram-mod-n-max'],
	'ngram-map-k': ['--spec-ngram-map-k-size-n', '--spec-ngram-map-k-size-m'],
	'ngram-map-k4v': ['--spec-ngram-map-k4v-size-n', '--spec-ngram-map-k4v-size-m'],
	'ngram-cache': [],
};

/**
 * Modes whose tables are made for one conversation that grows: of another text they take in nothing, or little, while
 * it is not longer than all before it, so that each run needs a new process.
 */
const forOneText: readonly string[] = ['ngram-map-k', 'ngram-map-k4v', 'ngram-cache'];

/** Numbers that were the best of many: of the first two on recorded chats, of the last one in docs/speed.md. */
const tuned: Readonly<Record<string, string>> = {
	'ngram-mod': '2/1/4',
	'ngram-simple': '2/4',
	'ngram-map-k': '3/16',
};

/** On small models flash attention costs llama-server more than it saves. */
const noFlashAttention = '-fa off';

export const llamaServerFamily: ArmFamily = {
	name: 'llama-server',
	arms: (peers) => {
		const names = Object.keys(modes).flatMap((mode) => [
			`llama-server:${mode}`,
			...(mode in tuned ? [`llama-server:${mode}@tuned ${noFlashAttention}`] : []),
		]);
		return ['llama-server', `llama-server ${noFlashAttention}`, ...names].flatMap(
			(name) => serverByName(name, peers) ?? [],
		);
	},
};

/**
 * The arm that a name describes: `llama-server:MODE@NUMBERS FLAGS`, whose numbers are in the order of `modes` or
 * `tuned`, and of which every part may be missing but the first; or `server=FOLDER FLAGS`, another server of
 * `/completion`. null where the name is of another kind.
 */
export function serverByName(name: string, peers: string): Arm | null {
	const [described = '', ...flags] = name.trim().split(/\s+/);
	if (/^(server=|llama-server(:|$))/.test(described)) refuseOurs(name, flags);
	if (described.startsWith('server='))
		return serverOf(
			described.slice('server='.length),
			{ name, flags, countsDrafts: false },
			`${name} names it`,
		);
	const parts = /^llama-server(?::([\w-]+)(?:@([\w/]+))?)?$/.exec(described);
	if (!parts) return null;
	const [, mode, settings] = parts;
	const modeFlags = mode ? flagsOf(mode, settings) : [];
	if (!modeFlags) return null;
	return serverOf(
		peers,
		{ name, flags: [...fair, ...modeFlags, ...flags], countsDrafts: true },
		`"npx tsx bench/peers/get.ts llama-server --out ${peers}" in a clone of Reprise's repository builds it`,
	);
}

/** What the benchmark sets. */
const ours: readonly string[] = [
	...['-m', '--model', '--host', '--port', '-c', '--ctx-size', '-np', '--parallel'],
	...['-t', '--threads', '-tb', '--threads-batch'],
];

function refuseOurs(name: string, flags: readonly string[]): void {
	const found = flags.find((flag) => ours.includes(flag));
	if (found) throw new RepriseError('OPTION_INVALID', `${name}: ${found} is what reprise bench sets itself`);
}

/** null where there is no such mode, or where it has other numbers. */
function flagsOf(mode: string, settings: string | undefined): readonly string[] | null {
	if (mode === 'plain' && !settings) return [];
	const names = Object.hasOwn(modes, mode) ? modes[mode] : undefined;
	if (!names) return null;
	if (!settings) return ['--spec-type', mode];
	const numbers = (settings === 'tuned' ? tuned[mode] : settings)?.split('/') ?? [''];
	if (numbers.length !== names.length || !numbers.every((number) => /^\d+$/.test(number))) return null;
	return ['--spec-type', mode, ...names.flatMap((flag, i) => [flag, numbers[i] ?? ''])];
}

const programName = process.platform === 'win32' ? 'llama-server.exe' : 'llama-server';

/** The `llama-server` of a folder; `hint` is for where there is none. */
function serverOf(
	folder: string,
	arm: { name: string; flags: readonly string[]; countsDrafts: boolean },
	hint: string,
): Arm {
	const program = join(folder, programName);
	return new CompletionServerArm({
		...arm,
		program,
		newForEachRun: forOneText.some((mode) => arm.flags.includes(mode)),
		refusal: () => {
			if (existsSync(program)) return null;
			throw new RepriseError('OPTION_INVALID', `There is no ${programName} in ${folder}: ${hint}`);
		},
	});
}
