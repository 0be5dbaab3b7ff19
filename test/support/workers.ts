import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));

/** A process that runs `reprise worker`. */
export interface WorkerProcess {
	/** Where it listens. */
	readonly endpoint: string;
	readonly process: ChildProcess;
	/** The lines that it has written to standard output. */
	readonly lines: string[];
	/** Ends it at once, and waits until it is gone. */
	kill(): Promise<void>;
}

const running = new Set<WorkerProcess>();

/** Starts a worker on a free port, and waits until it listens. */
export async function startWorker(...flags: string[]): Promise<WorkerProcess> {
	const args = ['--import', 'tsx', main, 'worker', '--listen', '127.0.0.1:0', '--threads', '1', ...flags];
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	const lines: string[] = [];
	const reader = createInterface({ input: child.stdout });
	reader.on('line', (line) => lines.push(line));
	await once(reader, 'line');
	const endpoint = lines[0]?.replace('listening on ', '') ?? '';
	const kill = async () => {
		running.delete(worker);
		if (child.exitCode !== null || child.signalCode !== null) return;
		const gone = once(child, 'exit');
		child.kill('SIGKILL');
		await gone;
	};
	const worker: WorkerProcess = { endpoint, process: child, lines, kill };
	running.add(worker);
	return worker;
}

/** For `afterAll`: no worker outlives its test file. */
export async function killWorkers(): Promise<void> {
	await Promise.all([...running].map((worker) => worker.kill()));
}
