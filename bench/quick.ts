// A selection of `reprise bench` in some five minutes on two cores: the embedded model, whose choices are its own, and
// a random one of a common size, whose choices are given.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { peersFolder } from '../lib/cli/cache-folder.js';
import { randomModel } from '../test/support/models.js';
import { positive, runCommand } from './support.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'dist', 'cli', 'main.js');

/** The best of each program; nobody waits for all of them here. */
const peerArms: Readonly<Record<string, readonly string[]>> = {
	[join('node_modules', 'node-llama-cpp')]: ['node-llama-cpp:lookup'],
	[process.platform === 'win32' ? 'llama-server.exe' : 'llama-server']: [
		'llama-server:plain',
		'llama-server:ngram-map-k@tuned -fa off',
	],
};

interface Flags {
	out: string;
	peers: string;
	runs: number;
	threads?: number;
}

function bench(
	model: string,
	name: string,
	args: readonly string[],
	{ out, peers, runs, threads }: Flags,
): void {
	const found = Object.entries(peerArms).flatMap(([file, arms]) =>
		existsSync(join(peers, file)) ? arms : [],
	);
	const folder = join(out, name);
	// What stands there is of an earlier selection.
	rmSync(join(folder, 'results.json'), { force: true });
	const { status } = spawnSync(
		process.execPath,
		[
			...[
				main,
				'bench',
				model,
				'--out',
				folder,
				'--peers',
				peers,
				'--against',
				['plain', ...found].join(','),
			],
			...['--runs', String(runs), ...(threads ? ['--threads', String(threads)] : [])],
			...args,
		],
		{ stdio: 'inherit' },
	);
	if (status !== 0) throw new Error(`reprise bench ended with ${status}`);
}

await runCommand(
	new Command('quick')
		.description(
			'Measures two small models beside plain decoding, and beside the programs that are in --peers.',
		)
		.option('--out <dir>', 'the folder for the results of both', join(root, 'build', 'bench'))
		.option('--peers <dir>', 'the folder that bench/peers/get.ts fills', peersFolder())
		.option('--runs <n>', 'tasks of each workload and context length', positive, 3)
		.option('--threads <n>', 'CPU threads (default: what a session takes for the model)', positive)
		.action(async (flags: Flags) => {
			if (!existsSync(main)) throw new Error('"npm run build:ts" comes first');
			const embedded = ['--contexts', '256,1k', '--tokens', '128'];
			bench(join(root, 'models', 'reprise-2m.gguf'), 'reprise-2m', embedded, flags);
			const shape = ['--recorded', '--contexts', '256,1k', '--tokens', '64', '--workload', 'rewrite,prose'];
			bench(await randomModel('qwen2-0.5b'), 'qwen2-0.5b', [...shape, '--starts', '1'], flags);
		}),
);
