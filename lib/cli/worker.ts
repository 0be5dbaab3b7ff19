import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { addon } from '../addon.js';
import { awaitNative, callNative } from '../errors.js';
import { listenEndpoint } from '../load-options.js';
import type { NativeWorkerClient } from '../native-worker.js';
import { integer } from '../options.js';
import { addFlags } from './arguments.js';
import { cacheFolder } from './cache-folder.js';
import { commaFlag, type Flag, type Given, numberFlag, switchFlag, textFlag } from './flag.js';
import { interruptedExitCode, terminatedExitCode } from './interrupt.js';

const listenFlag = {
	...textFlag('--listen <address>', 'HOST:PORT to listen on, port 0 for any that is free'),
	default: '127.0.0.1:50052',
	parse: listenEndpoint,
} satisfies Flag<string>;

export const workerFlags = {
	listen: listenFlag,
	device: commaFlag(
		'--device <names>',
		'devices to offer, with commas between (default: all GPUs, or the processor where there is none)',
		(name) => name,
	),
	threads: numberFlag(
		'--threads <n>',
		'CPU threads, where the processor is offered (default: all)',
		integer(1, availableParallelism()),
	),
	cache: switchFlag(
		'--cache',
		'keep matrices of more than 10 MiB in files, so that the next load of a model sends no more than the rest',
	),
};

export function workerCommand(): Command {
	const command = new Command('worker').description(
		'lend this machine’s devices to another process (--rpc); whoever reaches the port can use them',
	);
	return addFlags(command, workerFlags)
		.addHelpText(
			'after',
			`
Nothing is encrypted and nobody is asked for a password: listen on an address that only your own machines reach.

Example:
  reprise worker --listen 127.0.0.1:50052
  reprise generate model.gguf --rpc 127.0.0.1:50052 --prompt "Once upon a time"`,
		)
		.action(run);
}

async function run(flags: Given<typeof workerFlags>): Promise<void> {
	const worker = callNative(() =>
		addon.startWorker(
			{
				listen: flags.listen,
				devices: flags.device ?? [],
				threads: flags.threads ?? availableParallelism(),
				cacheFolder: flags.cache ? weightsFolder() : '',
			},
			tell,
		),
	);
	process.stdout.write(`listening on ${worker.endpoint}\n`);
	for (const { name, description, freeBytes, totalBytes } of worker.devices)
		process.stdout.write(
			`device ${name}: ${description}, ${gibibytes(freeBytes)} of ${gibibytes(totalBytes)} GiB free\n`,
		);
	if (!isLoopback(worker.endpoint))
		process.stderr.write(
			`reprise: ${worker.endpoint} is not the loopback interface: whoever reaches it can use this machine’s memory and processors, and read what is computed here; nothing is encrypted, and nobody is asked for a password\n`,
		);
	const end = (exitCode: number) => () => {
		process.exitCode = exitCode;
		worker.stop();
	};
	process.once('SIGINT', end(interruptedExitCode));
	process.once('SIGTERM', end(terminatedExitCode));
	await awaitNative(() => worker.ended);
}

function tell({ peer, connected, fault }: NativeWorkerClient): void {
	if (connected) process.stdout.write(`client ${peer} came\n`);
	else process.stdout.write(`client ${peer} went${fault ? `: ${fault}` : ''}\n`);
}

const isLoopback = (address: string) => /^(127\.\d+\.\d+\.\d+|localhost):/.test(address);

const gibibytes = (bytes: number) => (bytes / 2 ** 30).toFixed(1);

/** Where weights are kept, which only this user may read. */
function weightsFolder(): string {
	const folder = join(cacheFolder(), 'worker');
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	return folder;
}
