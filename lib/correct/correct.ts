import { setMaxListeners } from 'node:events';
import { onAbort } from '../abort.js';
import type { ChatMessage } from '../chat-message.js';
import { isRepriseError } from '../errors.js';
import { readOptions } from '../options.js';
import { Queue, readToEnd } from '../queue.js';
import { type Budget, isStopped, Meter, Stopped } from './budget.js';
import type { ChatHost } from './chat-host.js';
import { type CorrectOptions, correctChecks, strategyCheck, taskCheck } from './correct-options.js';
import { type Cost, sumCosts } from './cost.js';
import { EventLog } from './event-log.js';
import type { CorrectionEvent, Judgement, ResultEvent, StopReason } from './events.js';
import { about } from './parts.js';
import { Run } from './run.js';
import { bestOf, defaultSteps, type Steps } from './steps.js';
import { whenBudgetEnds, whenUnchanged } from './stopping.js';
import type { Strategy } from './strategy.js';
import type { Task, Verifier } from './verifier.js';

/** What a run came to. */
export interface CorrectionResult {
	/** The final answer; empty where there was no time for one. */
	readonly answer: string;
	/** The round that gave it; 0 where there is no answer. */
	readonly round: number;
	/** The judgement of the final answer; undefined where it was not judged. */
	readonly judgement: Judgement | undefined;
	/** Why the run ended. */
	readonly stoppedBy: StopReason;
	/** What all generations of the run cost. */
	readonly cost: Cost;
	/** The milliseconds that the whole run took. */
	readonly totalMs: number;
	/** All events of the run, those that it was resumed from included. */
	readonly events: readonly CorrectionEvent[];
}

/**
 * A task on its way through a strategy. Iterate over it to get its events as they come, await `result`, or do
 * both.
 *
 * It runs whether it is read or not. Leaving a `for await` loop early aborts it. A failure of the session or
 * of a step of the user is thrown where the iteration ends and where `result` is awaited.
 */
export class Correction implements AsyncIterable<CorrectionEvent> {
	/**
	 * Settles when the run has ended. After an abort it resolves with the best answer so far; it rejects as
	 * `correct` says.
	 */
	readonly result: Promise<CorrectionResult>;
	readonly #abort = new AbortController();
	readonly #queue = Queue.ofValues<CorrectionEvent>();

	/** Corrections come from `correct`. */
	constructor(session: ChatHost, task: Task, strategy: Strategy, options: CorrectOptions | undefined) {
		// Each branch listens, and Node.js would take more than ten for a leak.
		setMaxListeners(0, this.#abort.signal);
		const read = readOptions(correctChecks, options, 'correct');
		const log = new EventLog(read.log, (event) => {
			this.#queue.push(event);
			// The time may have come while the first answer was under way.
			if (meter.msLeft === 0) this.#stopForTime(log, read.budget);
		});
		const meter = Meter.start(read.budget, log.lastAtMs);
		const system: ChatMessage[] = read.system === undefined ? [] : [{ role: 'system', content: read.system }];
		const steps: Steps = {
			...defaultSteps,
			...strategy.steps,
			...verifyBy(read.verifier),
			...strategy.replaced,
		};
		const settings = {
			task,
			question: [...system, about(task, task.prompt)],
			steps,
			meter,
			log,
			signal: this.#abort.signal,
			defaults: read.generate,
			onChunk: read.onChunk,
			stopWhen: read.stopWhen ?? (read.verifier ? whenBudgetEnds : whenUnchanged),
			verifierTimeoutMs: read.verifierTimeoutMs,
			onFault: read.onFault,
			onBranchesStopped: (reason: StopReason) => {
				log.stoppedBy = reason;
			},
		};
		const chat = session.chat(read.chat);
		const run = new Run(settings, async () => chat);
		this.result = this.#finish(() => strategy.run(run), log, meter, read);
		// Whoever only iterates meets a failure there.
		this.result.catch(() => {});
	}

	/** Ends the run. The result then resolves with the best answer so far. */
	abort(): void {
		this.#stop('aborted');
	}

	/** The events as they come. An abort ends the iteration without an error. */
	[Symbol.asyncIterator](): AsyncGenerator<CorrectionEvent, void, void> {
		return readToEnd(this.#queue, this);
	}

	async #finish(
		run: () => Promise<{ key: string; text: string; round: number }>,
		log: EventLog,
		meter: Meter,
		{ signal, budget }: { signal: AbortSignal | undefined; budget: Required<Budget> },
	): Promise<CorrectionResult> {
		const abort = () => this.#stop('aborted');
		const stopForTime = () => this.#stopForTime(log, budget);
		const { msLeft } = meter;
		const timer = msLeft > 0 && msLeft < 2 ** 31 ? setTimeout(stopForTime, msLeft) : undefined;
		let unsubscribe = () => {};
		try {
			if (msLeft === 0) stopForTime();
			unsubscribe = onAbort(signal, abort);
			if (signal?.aborted) abort();
			const { result } = log;
			const concluded = await conclude(run, log, meter);
			if (!result) log.record(concluded);
			return toResult(log);
		} finally {
			clearTimeout(timer);
			unsubscribe();
			this.#queue.end();
		}
	}

	#stopForTime({ answers }: EventLog, { wholeFirst }: Required<Budget>): void {
		if (!wholeFirst || answers.length > 0) this.#stop('time');
	}

	#stop(reason: 'aborted' | 'time'): void {
		if (!this.#abort.signal.aborted) this.#abort.abort(new Stopped(reason));
	}
}

/**
 * Lets a strategy answer a task over several rounds in one session, whose cache and drafts all rounds share.
 *
 * Throws `OPTION_INVALID`, and what `session.chat` throws. The correction rejects with what the generations
 * of the session reject with, with what a step of the user throws, with `VERIFIER_FAILED` and with
 * `LOG_MISMATCH`. After an abort it resolves with the best answer so far.
 *
 * @param session - The session that the task is answered in; it stays the caller's.
 * @param task - What is asked.
 * @param strategy - How answers are made, judged and revised.
 * @param options - Verifier, budgets, sampling and abort.
 */
export function correct(
	session: ChatHost,
	task: Task,
	strategy: Strategy,
	options?: CorrectOptions,
): Correction {
	return new Correction(session, taskCheck(task, 'task'), strategyCheck(strategy, 'strategy'), options);
}

function verifyBy(verifier: Verifier | undefined): Partial<Steps> {
	if (!verifier) return {};
	return {
		verify: ({ task, signal }, { text }, about) =>
			verifier(text, { task, signal, ...(about !== undefined && { about }) }),
	};
}

/** Runs the strategy to its end, or to where it was stopped. */
async function conclude(
	run: () => Promise<{ key: string; text: string; round: number }>,
	log: EventLog,
	meter: Meter,
): Promise<ResultEvent> {
	const at = () => Math.round(meter.atMs * 1000) / 1000;
	try {
		const { key, text, round } = await run();
		return { type: 'result', chosen: key, answer: text, round, stoppedBy: log.stoppedBy, atMs: at() };
	} catch (error) {
		const reason = stopReason(error, log);
		if (log.answers.length === 0)
			return { type: 'result', chosen: '', answer: '', round: 0, stoppedBy: reason, atMs: at() };
		const best = bestOf(log.answers, log.judgementOf);
		const { key, text, round } = best;
		return { type: 'result', chosen: key, answer: text, round, stoppedBy: reason, atMs: at() };
	}
}

/** A conversation that outgrows the context ends as a budget does, where there is an answer already. */
function stopReason(error: unknown, { answers }: EventLog): StopReason {
	if (isStopped(error)) return error.reason;
	if (isRepriseError(error) && error.code === 'CONTEXT_OVERFLOW' && answers.length > 0) return 'context';
	throw error;
}

function toResult({ events, result }: EventLog): CorrectionResult {
	const { answer, round, chosen, stoppedBy, atMs: at } = result as ResultEvent;
	const cost = sumCosts(events.flatMap((event) => (event.type === 'result' ? [] : [event.cost])));
	const verdict = events.findLast(
		(event) => event.type === 'verdict' && event.of === chosen && event.about === undefined,
	);
	const judgement = verdict?.type === 'verdict' ? verdict.judgement : undefined;
	return { answer, round, judgement, stoppedBy, cost, totalMs: at, events };
}
