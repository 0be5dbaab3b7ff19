import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));

/** A process that runs `reprise worker`. */
export interface WorkerProcess {
	/** Where it listens. */
	readonly endpoint: string;
	readonly process: ChildProcess;
	/** The lines that it has written to standard output. */
	readonly lines: string[];
	/** Stops it with SIGSTOP, and waits until all its threads stand still. */
	stop(): Promise<void>;
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
	const stop = () => stopProcess(child.pid as number);
	const worker: WorkerProcess = { endpoint, process: child, lines, stop, kill };
	running.add(worker);
	return worker;
}

/** Stops a process with SIGSTOP. Its threads stop one after another, and may answer until then. */
export async function stopProcess(pid: number): Promise<void> {
	process.kill(pid, 'SIGSTOP');
	const tasks = `/proc/${pid}/task`;
	const stands = (task: string) => {
		const stat = `${tasks}/${task}/stat`;
		return !existsSync(stat) || /^\d+ \(.*\) T/s.test(readFileSync(stat, 'utf8'));
	};
	while (existsSync(tasks) && !readdirSync(tasks).every(stands)) await setTimeout(10);
}

/** For `afterAll`: no worker outlives its test file. */
export async function killWorkers(): Promise<void> {
	await Promise.all([...running].map((worker) => worker.kill()));
}
