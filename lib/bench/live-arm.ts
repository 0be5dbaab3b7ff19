import type { Arm, ArmOptions, RunningArm } from './arm.js';
import { busyTime, type OtherPrograms } from './other-programs.js';
import { memoryOf, processorMsBetween, processorTimeOf } from './process-figures.js';
import type { ArmFacts, Sample } from './results.js';
import type { Task } from './task.js';
import { untilIdle } from './until-idle.js';

/** An arm throughout a benchmark: its process, which is started again where it has ended, and what is known of it. */
export class LiveArm {
	readonly arm: Arm;
	readonly #options: ArmOptions;
	readonly #others: OtherPrograms;
	readonly #startMs: number[] = [];
	#running: RunningArm | null = null;
	#said: Pick<ArmFacts, 'version' | 'settings' | 'cpuVariant'> | null = null;
	#memory: ArmFacts['memory'] = null;

	/** `others` is told of all that goes on during runs. */
	constructor(arm: Arm, options: ArmOptions, others: OtherPrograms) {
		this.arm = arm;
		this.#options = options;
		this.#others = others;
	}

	get name(): string {
		return this.arm.name;
	}

	/** The process; null before the first start and after `stop`. */
	get running(): RunningArm | null {
		return this.#running;
	}

	/** Starts the process where there is none. Rejects as `Arm.start` does. */
	async start(): Promise<void> {
		if (this.#running) return;
		this.#running = await this.arm.start(this.#options);
		const { startMs, version, settings, cpuVariant, pid } = this.#running;
		this.#startMs.push(startMs);
		this.#said = { version, settings, cpuVariant };
		const started = memoryOf(pid);
		// The highest of all starts.
		if (started !== null)
			this.#memory = {
				started: Math.max(started, this.#memory?.started ?? 0),
				peak: Math.max(started, this.#memory?.peak ?? 0),
			};
		await untilIdle(pid);
	}

	/** Rejects as `RunningArm.run` does; the process is given up then. */
	async run(task: Task): Promise<{ sample: Sample; output: Int32Array }> {
		await this.start();
		const running = this.#running;
		if (!running) throw new Error(`${this.name} has no process`);
		try {
			await running.prepare?.();
			const busy = busyTime();
			const before = processorTimeOf(running.pid);
			const { sample, output } = await running.run(task);
			const processorMs = processorMsBetween(before, processorTimeOf(running.pid));
			if (processorMs !== null) this.#others.add(busy, processorMs);
			this.#notePeak(running.pid);
			requireLength(task, output);
			await untilIdle(running.pid);
			return { sample: { ...sample, processorMs }, output };
		} catch (error) {
			await this.stop();
			throw error;
		}
	}

	/** What the report says of it; null where it has never started. */
	get facts(): ArmFacts | null {
		if (!this.#said) return null;
		return { name: this.name, ...this.#said, startMs: [...this.#startMs], memory: this.#memory };
	}

	async stop(): Promise<void> {
		const running = this.#running;
		this.#running = null;
		await running?.stop();
	}

	#notePeak(pid: number): void {
		const peak = memoryOf(pid);
		if (peak === null || !this.#memory) return;
		this.#memory = { ...this.#memory, peak: Math.max(peak, this.#memory.peak) };
	}
}

/** An arm that says less than it was given has measured something else. */
function requireLength({ answer }: Task, output: Int32Array): void {
	if (answer && output.length !== answer.length)
		throw new Error(`it decoded ${output.length} of the ${answer.length} tokens of the recorded answer`);
	if (output.length === 0) throw new Error('it decoded nothing');
}
