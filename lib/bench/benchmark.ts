import { messageOf, RepriseError } from '../errors.js';
import { AgreementCount, compareOutputs } from './agreement.js';
import { type Arm, type ArmOptions, floor } from './arm.js';
import { NodeArm } from './arms/node-arm.js';
import { Estimate, type Outstanding } from './estimate.js';
import { LiveArm } from './live-arm.js';
import { describeMachine, systemLoad } from './machine.js';
import { makeTask, spareContext, type TaskOptions } from './make-task.js';
import { type MeasuredGroup, measureGroup, rotated } from './measure-group.js';
import type { ModelFile } from './model-file.js';
import { OtherPrograms } from './other-programs.js';
import type { ArmFacts, BenchResults, Cell, Skipped } from './results.js';
import { keptGroup, requireSame } from './resume.js';
import type { Task, Workload } from './task.js';

export interface BenchmarkOptions {
	/** The command line, for the report. */
	readonly command: string;
	readonly workloads: readonly Workload[];
	/** Context lengths, in tokens. */
	readonly contexts: readonly number[];
	readonly arms: readonly Arm[];
	readonly choices: 'own' | 'recorded';
	readonly threads: number;
	/** The most tokens of an answer. */
	readonly tokens: number;
	/** The tasks of each workload and context length. */
	readonly runs: number;
	/** How often each arm is started. */
	readonly starts: number;
	/** What an interrupted benchmark has measured. */
	readonly earlier: BenchResults | null;
	readonly signal: AbortSignal;
}

/** Told while it runs. */
export interface BenchmarkListener {
	/** `remainingMs` is null before every arm has run once. */
	onProgress(done: number, total: number, remainingMs: number | null): void;
	/** After each group, and at the end: all that is measured by then. */
	onResults(results: BenchResults, group: readonly Cell[]): Promise<void>;
}

interface GroupName {
	readonly workload: Workload;
	readonly context: number;
}

/** Measures arms beside each other. The model, its arms and the workloads are given; nothing here knows one by name. */
export class Benchmark {
	readonly #model: ModelFile;
	readonly #options: BenchmarkOptions;
	readonly #listener: BenchmarkListener;
	readonly #loadBefore = systemLoad();
	readonly #began = new Date().toISOString();
	readonly #taskOptions: TaskOptions;
	readonly #estimate: Estimate;
	readonly #others = new OtherPrograms();
	readonly #agreement: AgreementCount;
	readonly #cells: Cell[];
	readonly #skipped: Skipped[] = [];
	#arms: LiveArm[] = [];
	#outstanding: Outstanding[] = [];
	#done = 0;
	#total = 0;

	constructor(model: ModelFile, options: BenchmarkOptions, listener: BenchmarkListener) {
		this.#model = model;
		this.#options = options;
		this.#listener = listener;
		const { choices, tokens, earlier } = options;
		// What was measured before had that much, too.
		const contexts = [...options.contexts, ...(earlier?.cells.map(({ context }) => context) ?? [])];
		const room = Math.max(...contexts) + tokens + spareContext;
		this.#taskOptions = { choices, tokens, contextLength: Math.ceil(room / 256) * 256 };
		this.#estimate = new Estimate(tokens);
		this.#agreement = new AgreementCount(earlier?.agreement ?? []);
		this.#cells = [...(earlier?.cells ?? [])];
	}

	/**
	 * Rejects with `OPTION_INVALID` where `earlier` is of another benchmark or an arm does not start, and with `ABORTED`
	 * where the signal ends it; what was measured was told before.
	 */
	async run(): Promise<BenchResults> {
		const armOptions = await this.#armOptions();
		const { arms, skipped } = this.#ableArms(armOptions);
		this.#arms = arms;
		this.#skipped.push(...skipped);
		this.#requireSame();
		try {
			const groups = this.#openGroups();
			this.#plan(groups);
			if (groups.length > 0) {
				await this.#startAll();
				await this.#warmUp(groups);
			}
			for (const group of groups) await this.#measure(group);
			const results = this.#results();
			await this.#listener.onResults(results, []);
			return results;
		} finally {
			await Promise.all(this.#arms.map((arm) => arm.stop()));
		}
	}

	async #armOptions(): Promise<ArmOptions> {
		const { threads, tokens, choices, signal } = this.#options;
		const { contextLength } = this.#taskOptions;
		const firstPrompt = await this.#model.prompt([{ role: 'user', content: 'Say hello.' }]);
		const { architecture, trainedContextLength } = this.#model.info;
		const isLonger = trainedContextLength > 0 && contextLength > trainedContextLength;
		return {
			...{ model: this.#model.path, threads, contextLength, tokens, choices, firstPrompt, signal },
			...(isLonger && { trainedLengthKey: `${architecture}.context_length` }),
		};
	}

	/** Those that can do what is asked for; rejects where the program of one is not there. */
	#ableArms(options: ArmOptions): { arms: LiveArm[]; skipped: Skipped[] } {
		const refusals = this.#options.arms.map((arm) => ({ arm, reason: arm.refusal(options) }));
		const groups = this.#options.workloads.flatMap(({ name }) =>
			this.#options.contexts.map((context) => ({ workload: name, context })),
		);
		return {
			arms: refusals.flatMap(({ arm, reason }) =>
				reason === null ? [new LiveArm(arm, options, this.#others)] : [],
			),
			skipped: refusals.flatMap(({ arm, reason }) =>
				reason === null ? [] : groups.map((group) => ({ ...group, arm: arm.name, reason })),
			),
		};
	}

	#requireSame(): void {
		const { earlier, choices, threads, tokens, runs } = this.#options;
		const arms = this.#arms.map(({ name }) => name);
		if (earlier) requireSame(earlier, { model: this.#model.facts, choices, threads, tokens, runs, arms });
	}

	/** What was not measured before; of the rest what is known is kept. */
	#openGroups(): GroupName[] {
		const { workloads, contexts, earlier } = this.#options;
		const all = workloads.flatMap((workload) => contexts.map((context) => ({ workload, context })));
		return all.filter(({ workload, context }) => {
			const kept = keptGroup(earlier, workload.name, context);
			if (kept) this.#skipped.push(...kept.skipped.filter(({ arm }) => this.#hasArm(arm)));
			return kept === null;
		});
	}

	#hasArm(name: string | null): boolean {
		return this.#arms.some((arm) => arm.name === name);
	}

	#plan(groups: readonly GroupName[]): void {
		const { runs } = this.#options;
		this.#outstanding = groups.flatMap(({ context }) =>
			this.#arms.map(({ name }) => ({ arm: name, context, runs })),
		);
		this.#total = this.#outstanding.length * runs;
	}

	/** Every arm in turn, several times; the processes of the last time stay. */
	async #startAll(): Promise<void> {
		for (let start = 0; start < this.#options.starts; start++) {
			for (const arm of rotated(this.#arms, start)) {
				await arm.stop();
				await this.#start(arm);
			}
		}
	}

	async #start(arm: LiveArm): Promise<void> {
		try {
			await arm.start();
		} catch (error) {
			if (this.#options.signal.aborted) throw aborted(error);
			throw new RepriseError('OPTION_INVALID', `${arm.name} does not start: ${messageOf(error)}`, {
				cause: error,
			});
		}
	}

	/** One run of each arm that is not counted: pages, caches and clocks are as they will be later. */
	async #warmUp(groups: readonly GroupName[]): Promise<void> {
		const shortest = [...groups].sort((a, b) => a.context - b.context);
		for (const group of shortest) {
			const task = await this.#task(group, this.#options.runs);
			if ('skipped' in task) continue;
			await measureGroup(
				{ workload: task.workload, context: task.context, tasks: [task] },
				this.#arms,
				(arm, sample) => sample && this.#estimate.observe(arm, sample),
				this.#options.signal,
			);
			break;
		}
		this.#tellProgress();
	}

	#task({ workload, context }: GroupName, seed: number): Promise<Task | { readonly skipped: string }> {
		return makeTask(workload, { context, seed }, this.#model, this.#taskOptions);
	}

	async #measure(group: GroupName): Promise<void> {
		const { workload, context } = group;
		const tasks: Task[] = [];
		for (let seed = 0; seed < this.#options.runs; seed++) {
			const task = await this.#task(group, seed);
			if ('skipped' in task) return this.#skip({ ...group, reason: task.skipped });
			tasks.push(task);
		}
		const measured = await measureGroup(
			{ workload: workload.name, context, tasks },
			this.#arms,
			(arm, sample) => {
				if (sample) this.#estimate.observe(arm, sample);
				this.#settle(arm, context, 1);
			},
			this.#options.signal,
		);
		await this.#compare(tasks, measured);
		this.#cells.push(...measured.cells);
		this.#skipped.push(...measured.skipped);
		await this.#listener.onResults(this.#results(), measured.cells);
	}

	#skip({ workload, context, reason }: GroupName & { reason: string }): void {
		this.#skipped.push({ workload: workload.name, context, arm: null, reason });
		for (const { name } of this.#arms) this.#settle(name, context, this.#options.runs);
	}

	/** So many runs of an arm are done, or will not be made. */
	#settle(arm: string, context: number, runs: number): void {
		const at = this.#outstanding.findIndex(
			(one) => one.arm === arm && one.context === context && one.runs > 0,
		);
		const found = this.#outstanding[at];
		if (found) this.#outstanding[at] = { ...found, runs: found.runs - runs };
		this.#done += runs;
		this.#tellProgress();
	}

	#tellProgress(): void {
		const open = this.#outstanding.filter(({ runs }) => runs > 0);
		this.#listener.onProgress(this.#done, this.#total, this.#estimate.remainingMs(open));
	}

	/** Where the model chooses, the texts of all arms beside those of plain decoding. */
	async #compare(tasks: readonly Task[], { outputs }: MeasuredGroup): Promise<void> {
		const plain = this.#arms.find(({ name }) => name === floor);
		const expected = outputs.get(floor);
		if (this.#options.choices !== 'own' || !plain || !expected) return;
		const ask = async (context: Int32Array) => {
			await plain.start();
			return plain.running instanceof NodeArm && plain.running.isNearTie(context);
		};
		const isNearTie = async (context: Int32Array) => {
			try {
				return await ask(context);
			} catch (error) {
				if (this.#options.signal.aborted) throw aborted(error);
				// Its process has ended since it measured; a new one says it, too.
				await plain.stop();
				return ask(context);
			}
		};
		for (const [arm, received] of outputs) {
			if (arm === floor) continue;
			for (const [run, output] of received.entries()) {
				const [task, reference] = [tasks[run], expected[run]];
				if (!task || !reference) continue;
				const { endTokens } = this.#model.info;
				const comparison = await compareOutputs(task.prompt, reference, output, endTokens, isNearTie);
				this.#agreement.add(arm, comparison);
			}
		}
	}

	#results(): BenchResults {
		const { command, choices, threads, tokens, runs, earlier } = this.#options;
		const before = highest(earlier?.machine.load?.before, this.#loadBefore);
		const others = highest(earlier?.machine.others, this.#others.processors);
		return {
			format: 1,
			command: earlier ? `${earlier.command} && ${command}` : command,
			began: earlier?.began ?? this.#began,
			ended: new Date().toISOString(),
			machine: describeMachine(before, others),
			model: this.#model.facts,
			choices,
			threads,
			tokens,
			runs,
			arms: this.#armFacts(),
			cells: this.#cells,
			skipped: this.#skipped,
			agreement: this.#agreement.counts,
		};
	}

	/** Where an interrupted benchmark goes on, its starts count, too. */
	#armFacts(): ArmFacts[] {
		const before = this.#options.earlier?.arms ?? [];
		return this.#arms.flatMap((arm) => {
			const earlier = before.find(({ name }) => name === arm.name);
			const now = arm.facts;
			if (!now || !earlier) return now ?? earlier ?? [];
			const peak = Math.max(now.memory?.peak ?? 0, earlier.memory?.peak ?? 0);
			return {
				...now,
				startMs: [...earlier.startMs, ...now.startMs],
				memory: now.memory && { ...now.memory, peak },
			};
		});
	}
}

/** Of the parts of a benchmark the worse one counts. */
function highest(...numbers: ReadonlyArray<number | null | undefined>): number | null {
	const known = numbers.filter((one) => typeof one === 'number');
	return known.length > 0 ? Math.max(...known) : null;
}

const aborted = (cause: unknown) => new RepriseError('ABORTED', 'The benchmark was aborted', { cause });
