import type { ChatMessage } from '../chat-message.js';
import { RepriseError } from '../errors.js';
import { isStopped, type Meter, Stopped } from './budget.js';
import type { OpenChat } from './chat-host.js';
import type { EventLog } from './event-log.js';
import {
	type Answer,
	type DecisionEvent,
	type Judgement,
	type Reply,
	type ReplyEvent,
	type StepEvent,
	type StopReason,
	toAnswer,
} from './events.js';
import { Forks } from './forks.js';
import { judge } from './judge.js';
import { type OnChunk, StepContext } from './step-context.js';
import type { StepOptions } from './step-options.js';
import { defaultSteps, type Steps } from './steps.js';
import type { StoppingRule } from './stopping.js';
import type { Task, Verdict } from './verifier.js';

/** What all branches of a run share. */
export interface RunSettings {
	readonly task: Task;
	/** A system message and the task's prompt. */
	readonly question: readonly ChatMessage[];
	readonly steps: Steps;
	readonly meter: Meter;
	readonly log: EventLog;
	readonly signal: AbortSignal;
	readonly defaults: StepOptions;
	readonly onChunk: OnChunk | undefined;
	readonly stopWhen: StoppingRule;
	readonly verifierTimeoutMs: number;
	readonly onFault: 'continue' | 'throw';
	/** Called with the budget that ended some branches or all, where there are answers to go on with. */
	readonly onBranchesStopped: (reason: StopReason) => void;
}

/**
 * What a step is asked: the text of a user's message after the answer that it is about, or a whole
 * conversation.
 */
export type StepRequest = string | readonly ChatMessage[];

/**
 * One task on its way through a strategy. Every step is numbered and recorded; where a run is resumed,
 * recorded steps answer as they did. A step that the budgets do not allow ends the run with the best answer
 * so far.
 */
export class Run {
	/** The task. */
	readonly task: Task;
	/** The conversation that asks for an answer. */
	readonly question: readonly ChatMessage[];
	readonly #settings: RunSettings;
	readonly #openChat: OpenChat;
	readonly #path: string;
	#steps = 0;

	/** Runs come from `correct` and `branches`. */
	constructor(settings: RunSettings, openChat: OpenChat, path = '') {
		this.task = settings.task;
		this.question = settings.question;
		this.#settings = settings;
		this.#openChat = openChat;
		this.#path = path;
	}

	/** What the budget has left; Infinity where there is no bound. */
	get left(): {
		/** Tokens that may still be generated; Infinity without such a budget. */
		readonly tokens: number;
		/** Milliseconds until the run is stopped; Infinity without such a budget. */
		readonly timeMs: number;
	} {
		const { tokensLeft, msLeft } = this.#settings.meter;
		return { tokens: tokensLeft, timeMs: msLeft };
	}

	/**
	 * Answers the task, or another conversation.
	 *
	 * @param options - How the answer is generated.
	 * @param messages - The conversation that asks for it. Default: `question`.
	 */
	async attempt(
		options: StepOptions = {},
		messages: readonly ChatMessage[] = this.question,
	): Promise<Answer> {
		return this.#state('attempt', 1, messages, (context) =>
			this.#settings.steps.attempt(context, messages, options),
		);
	}

	/**
	 * Goes on from where an answer ended; the text of the new answer begins with it.
	 *
	 * @param from - The answer.
	 * @param options - How it is generated.
	 */
	async proceed(from: Answer, options: StepOptions = {}): Promise<Answer> {
		return this.#state('attempt', from.round, from.messages, (context) =>
			this.#settings.steps.attempt(context, from.messages, options),
		);
	}

	/**
	 * Writes about an answer, or before the first one.
	 *
	 * @param of - The answer; null where there is none yet.
	 * @param request - What to look for.
	 * @param options - How the text is generated.
	 */
	async critique(of: Answer | null, request: StepRequest, options: StepOptions = {}): Promise<Answer> {
		const messages = toMessages(of?.messages ?? this.question, request);
		return this.#state('critique', of ? roundAfter(of) : 1, messages, (context) =>
			this.#settings.steps.critique(context, messages, options, of),
		);
	}

	/**
	 * Makes another answer from one. It belongs to the next round.
	 *
	 * @param of - The answer before.
	 * @param request - What to do about it.
	 * @param options - How the new answer is generated.
	 */
	async revise(of: Answer, request: StepRequest, options: StepOptions = {}): Promise<Answer> {
		const messages = toMessages(of.messages, request);
		const round = roundAfter(of);
		if (round > this.#settings.meter.rounds) throw new Stopped('rounds');
		return this.#state('revision', round, messages, (context) =>
			this.#settings.steps.revise(context, messages, options, of),
		);
	}

	/**
	 * Judges an answer, or gives the fault that kept the verifier from it. Rejects with `VERIFIER_FAILED` where
	 * the option `onFault` is 'throw', and with `OPTION_INVALID` where nothing judges.
	 *
	 * @param answer - The answer.
	 * @param about - The part of the task or of the answer in question; undefined for the whole answer.
	 */
	async verify(answer: Answer, about?: string): Promise<Judgement> {
		const { verify } = this.#settings.steps;
		if (!verify)
			throw new RepriseError(
				'OPTION_INVALID',
				'The strategy judges answers: pass correct the option verifier, or give the strategy a step verify',
			);
		return this.#judge(answer, about, (context) => verify(context, answer, about));
	}

	/**
	 * Says how promising the beginning of an answer is, by the step `value`, or by `verify` where there is none.
	 * Rejects as `verify` does.
	 *
	 * @param answer - The answer as far as it goes.
	 */
	async value(answer: Answer): Promise<Judgement> {
		const { value } = this.#settings.steps;
		if (!value) return this.verify(answer, soFar);
		return this.#judge(answer, soFar, (context) => value(context, answer));
	}

	/**
	 * Chooses one of several answers.
	 *
	 * @param answers - The answers to choose from.
	 */
	async select(answers: readonly Answer[]): Promise<Answer> {
		const { steps, log } = this.#settings;
		const round = answers.reduce((last, answer) => Math.max(last, answer.round), 1);
		const { chosen } = await this.#step('choice', round, async (context) => {
			const { chosen, reason } = await steps.select(context, answers, log.judgementOf);
			return { from: answers.map(({ key }) => key), chosen: chosen.key, reason };
		});
		const answer = answers.find(({ key }) => key === chosen);
		if (answer) return answer;
		throw new RepriseError('OPTION_INVALID', `The step select chose ${chosen}, which was not to choose from`);
	}

	/**
	 * Decides by the budgets and the stopping rule whether an answer is to be revised once more.
	 *
	 * @param answer - The present answer.
	 */
	async worthAnother(answer: Answer): Promise<boolean> {
		const { meter, stopWhen, log } = this.#settings;
		const { another } = await this.#step('decision', answer.round, async () => {
			const before = log.answers.filter(
				({ key, round }) => key.startsWith(this.#path) && round < answer.round,
			);
			const reason: StopReason | null =
				answer.round >= meter.rounds
					? 'rounds'
					: (meter.spentBudget ??
						stopWhen({ answers: [...before, answer], judgement: log.judgementOf(answer) }));
			return { another: reason === null, ...(reason && { reason }) } satisfies Partial<DecisionEvent>;
		});
		return another;
	}

	/**
	 * Does the same several times at once, each in a fork that shares the cache of the prompt and with an even
	 * share of the tokens that are left. What a budget ended is left out, unless it ended all.
	 *
	 * @param count - The number of branches.
	 * @param body - What a branch does; it is given a run of its own and its index.
	 */
	async branches<T>(count: number, body: (branch: Run, index: number) => Promise<T>): Promise<T[]> {
		const forks = new Forks(this.#openChat, this.#settings.signal);
		const group = `${this.#path}${this.#steps++}`;
		const meters = this.#settings.meter.split(count);
		try {
			const ended = await Promise.allSettled(
				meters.map((meter, index) => {
					const settings = { ...this.#settings, meter };
					return body(new Run(settings, forks.open(), `${group}.${index}/`), index);
				}),
			);
			const reasons = ended.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
			const failed = reasons.find((reason) => !isStopped(reason) || reason.reason === 'aborted');
			if (failed !== undefined) throw failed;
			const values = ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
			const [stopped] = reasons as Stopped[];
			if (stopped && values.length === 0) throw stopped;
			if (stopped) this.#settings.onBranchesStopped(stopped.reason);
			return values;
		} finally {
			await forks.dispose();
		}
	}

	async #judge(
		answer: Answer,
		about: string | undefined,
		body: (context: StepContext) => Verdict | Promise<Verdict>,
	): Promise<Judgement> {
		const { signal, verifierTimeoutMs, onFault } = this.#settings;
		const { judgement } = await this.#step('verdict', answer.round, async (context) => {
			const ask = (ended: AbortSignal) => body(context.until(ended));
			try {
				const judgement = await judge(ask, verifierTimeoutMs, signal);
				return { of: answer.key, ...(about !== undefined && { about }), judgement };
			} finally {
				// A verdict of the model's own may still be under way, and keeps the session busy until it ends.
				await context.idle();
			}
		});
		if (judgement.outcome === 'none' && onFault === 'throw')
			throw new RepriseError('VERIFIER_FAILED', `The verifier gave no verdict: ${judgement.message}`);
		return judgement;
	}

	async #state(
		type: ReplyEvent['type'],
		round: number,
		messages: readonly ChatMessage[],
		body: (context: StepContext) => Promise<Reply | string>,
	): Promise<Answer> {
		const { steps, log } = this.#settings;
		const name = type === 'revision' ? 'revise' : type;
		// What another step than the default says may have a prompt of its own.
		if (steps[name] === defaultSteps[name]) log.requirePrompt(this.#nextKey, messages);
		const event = await this.#step(type, round, async (context): Promise<Reply> => {
			const reply = await body(context);
			if (typeof reply === 'string')
				return { prompt: messages, text: reply, finishReason: 'end', cut: false };
			const { prompt, text, finishReason, cut } = reply;
			return { prompt, text, finishReason, cut };
		});
		if (event.cut) throw new Stopped(this.#settings.meter.spentBudget ?? 'tokens');
		return toAnswer(event);
	}

	get #nextKey(): string {
		return `${this.#path}${this.#steps}`;
	}

	/** When time is up, one of the answers there are may still be chosen, and nothing else done. */
	#requireChoiceAfterTime(type: StepEvent['type']): void {
		const { signal, onBranchesStopped } = this.#settings;
		const { reason } = signal.reason as Stopped;
		if (type !== 'choice' || reason !== 'time') throw signal.reason;
		onBranchesStopped(reason);
	}

	async #step<T extends StepEvent['type']>(
		type: T,
		round: number,
		body: (context: StepContext) => Promise<Payload<T>>,
	): Promise<Extract<StepEvent, { type: T }>> {
		const { log, meter, signal, task, defaults, onChunk } = this.#settings;
		const key = this.#nextKey;
		this.#steps++;
		const recalled = log.recall(key, type);
		if (recalled) {
			meter.spend(recalled.cost.tokens);
			return recalled;
		}
		// The log has come to its end: there is nothing to do but to see that it is this run's.
		if (log.result) throw new Stopped(log.result.stoppedBy);
		if (signal.aborted) this.#requireChoiceAfterTime(type);
		const startMs = meter.atMs;
		const openChat = this.#openChat;
		const context = new StepContext({ task, key, type, round, meter, signal, defaults, onChunk, openChat });
		const payload = await body(context);
		if (signal.aborted && signal.reason.reason === 'aborted') throw signal.reason;
		const atMs = meter.atMs;
		const times = { atMs: toMicros(atMs), durationMs: toMicros(atMs - startMs) };
		const event = { type, key, round, ...payload, ...times, cost: context.cost } as unknown;
		log.record(event as StepEvent);
		return event as Extract<StepEvent, { type: T }>;
	}
}

/** What a verdict is about where an answer has only begun. */
const soFar = 'the answer so far';

/** What a kind of event holds besides what every step has. */
type Payload<T extends StepEvent['type']> = Omit<
	Extract<StepEvent, { type: T }>,
	'type' | 'key' | 'round' | 'atMs' | 'durationMs' | 'cost'
>;

function toMessages(before: readonly ChatMessage[], request: StepRequest): readonly ChatMessage[] {
	if (typeof request !== 'string') return request;
	return [...before, { role: 'user', content: request }];
}

const roundAfter = ({ type, round }: Answer) => (type === 'critique' ? round : round + 1);

const toMicros = (ms: number) => Math.round(ms * 1000) / 1000;
